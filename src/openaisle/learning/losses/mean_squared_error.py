"""Mean squared error: regression, and scores that are to be gains themselves.

    loss = mean of (s − g)²

Maximum likelihood under Gaussian noise (Bishop, 2006, section 3.1.1). sentence-transformers' MSELoss compares vectors.
"""

from __future__ import annotations

from torch import Tensor

from openaisle.learning.losses.lists import mean_where
from openaisle.learning.losses.protocol import ScoreLoss


class MeanSquaredError(ScoreLoss):
    def forward(self, scores: Tensor, gains: Tensor, mask: Tensor) -> Tensor:
        return mean_where((scores - gains) ** 2, mask)
