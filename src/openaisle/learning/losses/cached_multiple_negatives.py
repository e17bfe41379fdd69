"""Multiple negatives over a batch larger than memory (Gao et al., 2021, "Scaling Deep Contrastive Learning Batch Size
under Memory Limited Setup").

The formula of `multiple_negatives`, and its gradients. The head encodes `mini_batch` texts at a time and keeps only
their vectors; when the gradient of the loss by the vectors is known, each mini-batch is encoded again, dropout and all,
and its part carried into the weights. PyTorch's checkpointing does just this with one checkpoint a mini-batch, and
within one backward pass, so that it also works with several processes; sentence-transformers' CachedMultipleNegatives-
RankingLoss hooks into the loss and encodes by itself, which neither this batch's layout nor accumulation allow.
"""

from __future__ import annotations

from openaisle.learning.losses.multiple_negatives import MultipleNegatives


class CachedMultipleNegatives(MultipleNegatives):
    def __init__(self, temperature: float, mini_batch: int) -> None:
        super().__init__(temperature)
        self.mini_batch = mini_batch
