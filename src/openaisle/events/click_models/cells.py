"""Impressions and clicks of every pair at every position: all that models without memory of a page need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.events.click_models.pages import Flags, Floats, Integers, Pages


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One row for each pair and position that occurred, sorted by pair; `place` is the position less 1."""

    pair: NDArray[np.int64]
    place: NDArray[np.int64]
    shown: Floats
    clicks: Floats
    pairs: int
    depth: int

    def by_pair(self, values: Floats) -> Floats:
        return np.bincount(self.pair, values, minlength=self.pairs).astype(np.float64)

    def by_place(self, values: Floats) -> Floats:
        return np.bincount(self.place, values, minlength=self.depth).astype(np.float64)

    def where(self, kept: Flags) -> Cells:
        return Cells(self.pair[kept], self.place[kept], self.shown[kept], self.clicks[kept], self.pairs, self.depth)


def cells_of(pages: Pages) -> Cells:
    codes = _codes(pages)
    found, row = np.unique(codes, return_inverse=True)
    return _cells(pages, found, np.bincount(row), np.bincount(row, pages.clicked, minlength=len(found)))


def without_each(pages: Pages, groups: int) -> list[Cells]:
    """The cells of all pages but those of one group, for each of `groups` groups in which every page has its turn."""
    found, row = np.unique(_codes(pages), return_inverse=True)
    turn = (pages.page % groups) * len(found) + row
    size = groups * len(found)
    shown = np.bincount(turn, minlength=size).reshape(groups, -1)
    clicks = np.bincount(turn, pages.clicked, minlength=size).reshape(groups, -1)
    totals = shown.sum(axis=0), clicks.sum(axis=0)
    return [_cells(pages, found, totals[0] - shown[group], totals[1] - clicks[group]) for group in range(groups)]


def _codes(pages: Pages) -> Integers:
    return pages.pair.astype(np.int64) * max(pages.depth, 1) + (pages.position - 1)


def _cells(pages: Pages, codes: Integers, shown: NDArray[np.int64], clicks: NDArray[np.number]) -> Cells:
    depth = max(pages.depth, 1)
    return Cells(
        codes // depth, codes % depth, shown.astype(np.float64), clicks.astype(np.float64), len(pages.pairs), depth
    )
