"""A loss on scores, for a bi-encoder: the score is the scaled cosine.

s(q, d) = cos(q, d) / τ
"""

from __future__ import annotations

import torch
from torch import Tensor

from openaisle.learning.losses.lists import listed
from openaisle.learning.losses.protocol import ScoreLoss, VectorLoss


class OnSimilarity(VectorLoss):
    def __init__(self, inner: ScoreLoss, temperature: float) -> None:
        super().__init__()
        self._inner = inner
        self.within_lists = inner.within_lists
        self._temperature = temperature

    def forward(self, queries: Tensor, documents: Tensor, place: Tensor, gains: Tensor) -> Tensor:
        cosines = torch.einsum("nd,nmd->nm", queries, listed(documents, place))
        loss: Tensor = self._inner(cosines / self._temperature, gains, place >= 0)
        return loss
