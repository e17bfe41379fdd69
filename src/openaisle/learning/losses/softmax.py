"""Listwise softmax: ListNet's top-one probabilities (Cao et al., 2007) with gains as they are (Bruch et al., 2019, "An
Analysis of the Softmax Cross Entropy Loss for Learning-to-Rank").

    loss = −mean over lists of Σ_d g_d / Σ g · log softmax(s)_d

sentence-transformers' ListNetLoss calls its own cross-encoder and turns gains into a softmax, which gives texts that
answer nothing a share of the target.
"""

from __future__ import annotations

import torch
from torch import Tensor

from openaisle.learning.losses.protocol import ScoreLoss


class Softmax(ScoreLoss):
    """Lists in which nothing answers do not count; if none does, the loss is 0."""

    within_lists = True

    def forward(self, scores: Tensor, gains: Tensor, mask: Tensor) -> Tensor:
        limits = torch.finfo(scores.dtype)
        gains = torch.where(mask, gains.clamp(min=0), 0)
        totals = gains.sum(dim=1, keepdim=True)
        shares = gains / totals.clamp(min=limits.tiny)
        logs = scores.masked_fill(~mask, limits.min / 2).log_softmax(dim=1)
        return -(shares * logs).sum() / (totals > 0).sum().clamp(min=1)
