"""Contrastive loss (Hadsell, Chopra and LeCun, 2006): what answers is drawn near, what does not is pushed out to a
margin.

    loss = mean over judged pairs of ½ · y · δ² + ½ · (1 − y) · max(0, margin − δ)²,   δ = 1 − cos(q, d)

with y = 1 where the gain is above 0. sentence-transformers' ContrastiveLoss on the pairs laid out flat. It needs judged
texts that do not answer: with answers alone it draws everything together.
"""

from __future__ import annotations

from sentence_transformers.sentence_transformer.losses import ContrastiveLoss
from torch import Tensor

from openaisle.learning.losses.lists import pairs
from openaisle.learning.losses.protocol import VectorLoss


class Contrastive(VectorLoss):
    """`margin`: distance, from 0 to 2, beyond which what does not answer is left alone."""

    within_lists = True

    def __init__(self, margin: float) -> None:
        super().__init__()
        self._published = ContrastiveLoss(model=None, margin=margin)  # type: ignore[arg-type]

    def forward(self, queries: Tensor, documents: Tensor, place: Tensor, gains: Tensor) -> Tensor:
        rows, columns = pairs(place)
        vectors = [queries[rows], documents[place[rows, columns]]]
        loss: Tensor = self._published.compute_loss_from_embeddings(vectors, (gains[rows, columns] > 0).float())
        return loss
