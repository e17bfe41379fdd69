"""Binary codes: the signs of a vector's values, compared by Hamming distance (Yamada, Asai and Hajishirzi, 2021,
"Efficient Passage Retrieval with Hashing"; the smooth sign of Cao et al., 2017, "HashNet").

    code(v) = sign(v) / √d      cos(code(q), code(d)) = 1 − 2 · Hamming / d
    loss = ½ · inner(code(q), code(d)) + ½ · inner(q, d)

Going forward the sign is exact; going back its gradient is that of tanh(β · √d · v) (a straight-through estimator,
Bengio et al., 2013). The second half keeps the vectors themselves fit for re-scoring what the codes have found.
sentence-transformers has no such loss.
"""

from __future__ import annotations

import torch
from torch import Tensor

from openaisle.learning.losses.protocol import VectorLoss


class BinaryCodes(VectorLoss):
    """`sharpness`: β, how narrow the range of values is that still change sides."""

    def __init__(self, inner: VectorLoss, sharpness: float = 1.0) -> None:
        super().__init__()
        self._inner = inner
        self._sharpness = sharpness
        self.mini_batch = inner.mini_batch
        self.within_lists = inner.within_lists

    def forward(self, queries: Tensor, documents: Tensor, place: Tensor, gains: Tensor) -> Tensor:
        by_codes = self._inner(self._code(queries), self._code(documents), place, gains)
        by_vectors = self._inner(queries, documents, place, gains)
        loss: Tensor = (by_codes + by_vectors) / 2
        return loss

    def _code(self, vectors: Tensor) -> Tensor:
        """±1 / √d, (n, d); 0 counts as positive, as when the engine packs bits."""
        root = vectors.shape[1] ** 0.5
        smooth = torch.tanh(self._sharpness * root * vectors)
        signs = torch.where(vectors >= 0, 1.0, -1.0)
        # the value of the signs with the gradient of the smooth ones
        code: Tensor = (signs + (smooth - smooth.detach())) / root
        return code
