"""Multiple negatives: the answer against everything else in the batch (Henderson et al., 2017, "Efficient Natural
Language Response Suggestion for Smart Reply"; InfoNCE of van den Oord et al., 2018).

    loss = −mean over queries of Σ_p w_p · log( e^{s(q,p)/τ} / (e^{s(q,p)/τ} + Σ_{d ∈ N(q)} e^{s(q,d)/τ}) )

p runs over the query's answers with weights w in proportion to their gains, N(q) are all documents of the batch but its
answers: its own hard negatives and those of the others. sentence-transformers' MultipleNegativesRankingLoss wants the
same number of negatives for each query and takes a text that answers two queries of a batch, frequent with products, as
a negative of both; for triplets without such texts the two give the same number.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from openaisle.learning.losses.lists import gains_of_all
from openaisle.learning.losses.protocol import VectorLoss


class MultipleNegatives(VectorLoss):
    """Queries for which nothing answers do not count; if none does, the loss is 0."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self._temperature = temperature

    def forward(self, queries: Tensor, documents: Tensor, place: Tensor, gains: Tensor) -> Tensor:
        weights = gains_of_all(gains, place, len(documents))
        logits = queries @ documents.T / self._temperature
        # a number rather than -inf, whose gradient in a row without negatives would be not-a-number
        negatives = logits.masked_fill(weights > 0, torch.finfo(logits.dtype).min / 2)
        losses = softplus(negatives.logsumexp(dim=1, keepdim=True) - logits)
        totals = weights.sum(dim=1)
        means = (losses * weights).sum(dim=1) / totals.clamp(min=torch.finfo(logits.dtype).tiny)
        return means.sum() / (totals > 0).sum().clamp(min=1)
