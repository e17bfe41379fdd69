"""Binary cross-entropy on scaled similarity: does this text answer this query, yes or no.

    loss = mean over judged pairs of BCE(σ(t · cos(q, d) + b), g)

with g the gain between 0 and 1. Scale t and offset b are learned beside the model, as in SigLIP (Zhai et al., 2023,
"Sigmoid Loss for Language Image Pre-Training"), but over judged pairs only, for what nobody judged may well answer.
Without the offset a model whose cosines all lie high, such as e5, would first have to unlearn that.
sentence-transformers has no such loss for bi-encoders.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from openaisle.learning.losses.binary_cross_entropy import BinaryCrossEntropy
from openaisle.learning.losses.lists import listed
from openaisle.learning.losses.protocol import VectorLoss


class BceSimilarity(VectorLoss):
    """`temperature` gives the scale to begin with, 1 / temperature; the offset begins where a cosine of `middle` is a
    toss-up."""

    def __init__(self, temperature: float, middle: float = 0.5) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))
        self.middle = nn.Parameter(torch.tensor(middle))
        self._on_scores = BinaryCrossEntropy()

    def forward(self, queries: Tensor, documents: Tensor, place: Tensor, gains: Tensor) -> Tensor:
        cosines = torch.einsum("nd,nmd->nm", queries, listed(documents, place))
        loss: Tensor = self._on_scores(self.log_scale.exp() * (cosines - self.middle), gains, place >= 0)
        return loss
