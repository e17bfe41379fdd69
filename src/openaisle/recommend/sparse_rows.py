"""Rows of different lengths in two arrays (CSR), and how several rows are taken out at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rows:
    """Row `i` is `values[offsets[i]:offsets[i + 1]]`."""

    offsets: NDArray[np.int64]
    values: NDArray[np.int32]

    def row(self, number: int) -> NDArray[np.int32]:
        return self.values[self.offsets[number] : self.offsets[number + 1]]


def grouped(groups: NDArray[np.int32], values: NDArray[np.int32], count: int) -> Rows:
    """`values` by their group, in the order they have, for groups 0 to `count` - 1."""
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups, minlength=count)
    return Rows(np.concatenate(([0], np.cumsum(sizes))).astype(np.int64), values[order].astype(np.int32))


def places_of(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All places in the ranges `starts[i]` to `ends[i]`, and for each the `i` that it belongs to."""
    lengths = ends - starts
    owner = np.repeat(np.arange(len(starts)), lengths)
    begins = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) - begins[owner] + starts[owner], owner
