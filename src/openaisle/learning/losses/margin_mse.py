"""Margin-MSE (Hofstätter et al., 2020, "Improving Efficient Neural Ranking Models with Cross-Architecture Knowledge
Distillation"): differences of scores like those of a teacher, whose own scale does not matter.

    loss = mean over two texts a, b of one list of ((s_a − s_b) − (g_a − g_b))²

The gains are the teacher's scores. sentence-transformers' MarginMSELoss compares one answer with a fixed number of
negatives; here every two texts of lists of any length are compared.
"""

from __future__ import annotations

from torch import Tensor

from openaisle.learning.losses.lists import mean_where
from openaisle.learning.losses.protocol import ScoreLoss


class MarginMse(ScoreLoss):
    within_lists = True

    def forward(self, scores: Tensor, gains: Tensor, mask: Tensor) -> Tensor:
        errors = scores - gains
        both = (mask[:, :, None] & mask[:, None, :]).triu(diagonal=1)
        return mean_where((errors[:, :, None] - errors[:, None, :]) ** 2, both)
