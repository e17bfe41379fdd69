"""Cross-entropy of the softmax over labels.

    loss = −mean over texts (or tokens) of log softmax(logits)[label]

The usual maximum-likelihood loss of a multinomial logistic regression (Bishop, 2006, section 4.3.4). PyTorch's own,
except that a batch in which nothing is labelled costs 0 rather than not-a-number. sentence-transformers has it for
pairs of texts only.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

IGNORED = -100
"""The label of what does not count: padding, special tokens."""


class CrossEntropy(nn.Module):
    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Logits (..., labels) float32, labels (...) int64 → a scalar."""
        flat = labels.reshape(-1)
        total = cross_entropy(logits.reshape(len(flat), -1), flat, ignore_index=IGNORED, reduction="sum")
        return total / (flat != IGNORED).sum().clamp(min=1)
