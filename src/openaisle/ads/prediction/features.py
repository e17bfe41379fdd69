"""What a rate depends on, as names that are hashed to columns: no vocabulary to keep, and new products fit in."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
"""`(ads, features)` column numbers; every row has as many."""

BITS = 18
_WIDEST = 1 << BITS


@dataclass(frozen=True, slots=True)
class Shown:
    """An ad on a page. `how` is what it was found by (a match type or "topic"), `relevance` its score over the best
    organic one of its page, in tenths, from 0 to 20."""

    campaign: str
    product: str
    query: str
    how: str
    relevance: int


def names_of(shown: Shown) -> tuple[str, ...]:
    """The features of an ad: what all share, what is its own, and what it is together with the query."""
    return (
        "all",
        f"how {shown.how}",
        f"relevance {shown.relevance}",
        f"campaign {shown.campaign}",
        f"product {shown.product}",
        f"query {shown.query}",
        f"product {shown.product} query {shown.query}",
    )


def tenths(relevance: float, best: float) -> int:
    """A relevance as `Shown` has it, given the best on the page."""
    return min(20, max(0, int(10 * relevance / best))) if best > 0 else 0


def hashed(names: Iterable[Sequence[str]]) -> Rows:
    """Column numbers below `2**BITS`."""
    rows = [[_column(name) for name in row] for row in names]
    return np.array(rows, np.int32) if rows else np.empty((0, 0), np.int32)


def columns() -> int:
    return _WIDEST


@lru_cache(maxsize=100_000)
def _column(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) & (_WIDEST - 1)
