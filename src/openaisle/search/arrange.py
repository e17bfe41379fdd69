"""Ranked products as the shopper sees them: variants as one, sorted if asked, and the page cut out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.protocol import Direction, Rows, Snapshot, Sort
from openaisle.search.rank import Ranked

_POPULARITY = ("ranking.popularity", "rating_count")
"""What a page without a query and a sort is ordered by: the first that the shop's products have."""


@dataclass(frozen=True, slots=True)
class Page:
    """`places` are the page's positions in the ranking; `variants` how many matching variants each stands for.

    `total` counts products; `groups` holds a number per ranked row that variants share, None where none are grouped.
    """

    places: NDArray[np.intp]
    variants: NDArray[np.intp]
    total: int
    groups: Rows | None


def arrange(snapshot: Snapshot, ranked: Ranked, sort: Sort | None, grouped: bool, cut: slice) -> Page:
    order = _sorted(snapshot, ranked.rows, sort)
    if not grouped:
        page = order[cut]
        return Page(page, np.ones(len(page), np.intp), len(order), None)
    groups = snapshot.groups(ranked.rows)
    _, first, counts = np.unique(groups[order], return_index=True, return_counts=True)
    by_rank = np.argsort(first)
    shown = by_rank[cut]
    return Page(order[first[shown]], counts[shown], len(first), groups)


def browsing_order(snapshot: Snapshot) -> Sort | None:
    """How products are ordered when nothing was asked for."""
    known = snapshot.fields
    return next((Sort(field, Direction.DESC) for field in _POPULARITY if field in known), None)


def _sorted(snapshot: Snapshot, rows: Rows, sort: Sort | None) -> NDArray[np.intp]:
    """Positions of the rows in the order they are shown."""
    return np.arange(len(rows)) if sort is None else snapshot.sort(rows, sort)
