"""Matryoshka representation learning (Kusupati et al., 2022): the first dimensions of a vector are a vector too.

    loss = mean over lengths ℓ of inner(q[:ℓ] / |q[:ℓ]|, d[:ℓ] / |d[:ℓ]|)

The full length always takes part. sentence-transformers' MatryoshkaLoss replaces the model's own forward function while
the inner loss runs; on vectors at hand nothing needs replacing.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from openaisle.learning.losses.protocol import VectorLoss


class Matryoshka(VectorLoss):
    """`lengths`: shorter ones than the vectors' own; longer ones are passed over."""

    def __init__(self, inner: VectorLoss, lengths: Sequence[int]) -> None:
        super().__init__()
        self._inner = inner
        self._lengths = tuple(lengths)
        self.mini_batch = inner.mini_batch
        self.within_lists = inner.within_lists

    def forward(self, queries: Tensor, documents: Tensor, place: Tensor, gains: Tensor) -> Tensor:
        full = queries.shape[1]
        lengths = [full, *(length for length in self._lengths if length < full)]
        losses = [
            self._inner(normalize(queries[:, :length], dim=1), normalize(documents[:, :length], dim=1), place, gains)
            for length in lengths
        ]
        return torch.stack(losses).mean()
