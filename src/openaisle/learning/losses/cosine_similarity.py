"""Squared difference of cosine and gold similarity (Reimers and Gurevych, 2019, "Sentence-BERT", regression objective).

    loss = mean over judged pairs of (cos(q, d) − g)²

sentence-transformers' CosineSimilarityLoss on the pairs laid out flat.
"""

from __future__ import annotations

from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss
from torch import Tensor

from openaisle.learning.losses.lists import pairs
from openaisle.learning.losses.protocol import VectorLoss


class CosineSimilarity(VectorLoss):
    def __init__(self) -> None:
        super().__init__()
        self._published = CosineSimilarityLoss(model=None)  # type: ignore[arg-type]

    def forward(self, queries: Tensor, documents: Tensor, place: Tensor, gains: Tensor) -> Tensor:
        rows, columns = pairs(place)
        vectors = [queries[rows], documents[place[rows, columns]]]
        loss: Tensor = self._published.compute_loss_from_embeddings(vectors, gains[rows, columns])
        return loss
