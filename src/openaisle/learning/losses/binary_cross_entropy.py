"""Binary cross-entropy of each score by itself: pointwise ranking, and several labels a text.

    loss = −mean over pairs of g · log σ(s) + (1 − g) · log(1 − σ(s))

with g the gain between 0 and 1 and σ the logistic function: logistic regression (Bishop, 2006, section 4.3.2) per text.
sentence-transformers' BinaryCrossEntropyLoss calls its own cross-encoder and knows no lists of unequal length, so this
is PyTorch's function under a mask.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from openaisle.learning.losses.lists import mean_where
from openaisle.learning.losses.protocol import ScoreLoss


class BinaryCrossEntropy(ScoreLoss):
    def forward(self, scores: Tensor, gains: Tensor, mask: Tensor) -> Tensor:
        losses = binary_cross_entropy_with_logits(scores, gains.clamp(0, 1), reduction="none")
        return mean_where(losses, mask)
