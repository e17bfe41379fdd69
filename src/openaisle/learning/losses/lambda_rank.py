"""LambdaRank as a loss (Burges et al., 2006; in the LambdaLoss framework of Wang et al., 2018).

    loss = mean over lists of Σ_{g_a > g_b} |Δ_ab| · log2(1 + e^{−(s_a − s_b)})
    |Δ_ab| = (g_a − g_b) · |1 / log2(1 + r_a) − 1 / log2(1 + r_b)| / ideal DCG

r are the ranks by the current scores, so that |Δ| is what nDCG would change if a and b swapped. Gains are linear, as in
the nDCG that is measured. Equal scores share their mean rank, so that the order of a list does not matter.
sentence-transformers' LambdaLoss calls its own cross-encoder, has exponential gains, and its bounded variants are made
for them.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import softplus

from openaisle.learning.losses.protocol import ScoreLoss


class LambdaRank(ScoreLoss):
    """Lists in which nothing answers do not count; if none does, the loss is 0."""

    within_lists = True

    def forward(self, scores: Tensor, gains: Tensor, mask: Tensor) -> Tensor:
        gains = torch.where(mask, gains, 0)
        ideal = _ideal(gains)
        weights = _swaps(scores.detach(), gains, mask) / ideal.clamp(min=torch.finfo(scores.dtype).tiny)[:, None, None]
        better = (gains[:, :, None] > gains[:, None, :]) & mask[:, :, None] & mask[:, None, :]
        losses = softplus(scores[:, None, :] - scores[:, :, None]) / math.log(2)
        total = torch.where(better, losses * weights, 0).sum()
        return total / (ideal > 0).sum().clamp(min=1)


def _ideal(gains: Tensor) -> Tensor:
    """The best possible DCG of each list, (n,)."""
    ranks = torch.arange(1, gains.shape[1] + 1, device=gains.device)
    return (gains.sort(dim=1, descending=True).values / torch.log2(1 + ranks)).sum(dim=1)


def _swaps(scores: Tensor, gains: Tensor, mask: Tensor) -> Tensor:
    """What DCG would change if two texts of a list swapped their ranks, (n, m, m)."""
    discounts = 1 / torch.log2(1 + _ranks(scores.masked_fill(~mask, -torch.inf)))
    return ((gains[:, :, None] - gains[:, None, :]) * (discounts[:, :, None] - discounts[:, None, :])).abs()


def _ranks(scores: Tensor) -> Tensor:
    """From 1, highest first; equal scores share their mean rank."""
    above = (scores[:, None, :] > scores[:, :, None]).sum(dim=2)
    equal = (scores[:, None, :] == scores[:, :, None]).sum(dim=2)
    return above + (equal + 1) / 2
