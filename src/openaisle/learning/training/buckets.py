"""The order of examples in an epoch: random, and with texts of like length next to one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

_BATCHES_SORTED_TOGETHER = 50
"""Batches among which examples are sorted by length: enough to save most padding, few enough to stay random."""


class LengthBuckets(Sampler[int]):
    """Indices such that each run of `batch_size` holds examples of like length, the runs in random order.

    The order depends on the seed and the epoch alone, so that every process, and a training that is resumed, sees the
    same one. The last, shorter batch stays last. Without `lengths` the order is simply random.
    """

    def __init__(self, examples: int, batch_size: int, seed: int, lengths: Sequence[int] | None = None) -> None:
        self._examples = examples
        self._batch_size = batch_size
        self._seed = seed
        self._lengths = None if lengths is None else np.asarray(lengths)
        self.epoch = 0

    def __len__(self) -> int:
        return self._examples

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        random = np.random.default_rng((self._seed, self.epoch))
        order = random.permutation(self._examples)
        if self._lengths is None:
            return iter(order.tolist())
        batches = self._batches(order, self._lengths)
        whole = [batch for batch in batches if len(batch) == self._batch_size]
        rest = [batch for batch in batches if len(batch) < self._batch_size]
        mixed = [whole[index] for index in random.permutation(len(whole))]
        return iter([int(index) for batch in (*mixed, *rest) for index in batch])

    def _batches(self, order: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
        span = self._batch_size * _BATCHES_SORTED_TOGETHER
        batches = []
        for start in range(0, len(order), span):
            part = order[start : start + span]
            part = part[np.argsort(-lengths[part], kind="stable")]
            batches += [part[at : at + self._batch_size] for at in range(0, len(part), self._batch_size)]
        return batches
