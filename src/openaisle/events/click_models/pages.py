"""Search result pages as NumPy columns: one row an impression, page after page, each from the top down."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

DEEPEST = 100
"""The last position that is modelled: below it there is next to nothing to learn from."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The distinct (query, product) pairs, numbered from 0.

    `queries` and `products` are sorted; `query` and `product` (both of length pairs) index them, sorted by query, then
    product.
    """

    queries: tuple[str, ...]
    products: tuple[str, ...]
    query: NDArray[np.int32]
    product: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.query)

    def find(self, query: str, product: str) -> int | None:
        """The number of a pair, None where it was never shown."""
        q, p = _place(self.queries, query), _place(self.products, product)
        if q is None or p is None:
            return None
        first, last = np.searchsorted(self.query, [q, q + 1])
        place = first + int(np.searchsorted(self.product[first:last], p))
        return int(place) if place < last and self.product[place] == p else None


@dataclass(frozen=True, eq=False)
class Pages:
    """`starts` (length pages + 1) says at which row each page begins; `pair`, `position` (1 to 100) and `clicked`
    have a value a row. Build them with `pages_of`, which puts the rows in order.
    """

    pairs: Pairs
    starts: Integers
    pair: NDArray[np.int32]
    position: NDArray[np.int16]
    clicked: Flags

    def __len__(self) -> int:
        """How many pages."""
        return len(self.starts) - 1

    @property
    def impressions(self) -> int:
        return len(self.pair)

    @property
    def clicks(self) -> int:
        return int(self.clicked.sum())

    @cached_property
    def lengths(self) -> Integers:
        """Rows of each page."""
        return np.diff(self.starts)

    @cached_property
    def page(self) -> Integers:
        """The page of each row."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @cached_property
    def query(self) -> NDArray[np.int32]:
        """The query of each page."""
        return self.pairs.query[self.pair[self.starts[:-1]]]

    @property
    def depth(self) -> int:
        """The last position at which anything was shown."""
        return int(self.position.max(initial=0))

    def where(self, kept: Flags) -> Self:
        """The pages that `kept` (a flag a page) keeps, with the same pairs."""
        rows = np.repeat(kept, self.lengths)
        starts = np.concatenate(([0], np.cumsum(self.lengths[kept])))
        return replace(
            self, starts=starts, pair=self.pair[rows], position=self.position[rows], clicked=self.clicked[rows]
        )

    def count(self, weights: Floats | Flags | None = None) -> Floats:
        """For each pair, how often it was shown, or the sum of `weights` (one a row) over its rows."""
        return np.bincount(self.pair, weights, minlength=len(self.pairs)).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Impressions:
    """Columns of one value a row, in any order: `page` numbers the pages from 0 without gaps, `query` and `product`
    index `queries` and `products`, `position` counts from 1.
    """

    queries: Sequence[str]
    products: Sequence[str]
    page: Integers
    query: Integers
    product: Integers
    position: Integers
    clicked: Flags

    def take(self, rows: Integers | Flags) -> Impressions:
        return replace(
            self,
            page=self.page[rows],
            query=self.query[rows],
            product=self.product[rows],
            position=self.position[rows],
            clicked=self.clicked[rows],
        )


def pages_of(impressions: Impressions) -> Pages:
    """Where a page shows a product twice, the higher place stands and takes the clicks of both."""
    rows = _once_a_page(_with_sorted_names(impressions))
    rows = rows.take(np.lexsort((rows.position, rows.page)))
    width = max(len(rows.products), 1)
    codes, pair = np.unique(rows.query * width + rows.product, return_inverse=True)
    queries, products = (codes // width).astype(np.int32), (codes % width).astype(np.int32)
    return Pages(
        Pairs(tuple(rows.queries), tuple(rows.products), queries, products),
        np.concatenate((np.zeros(1, np.int64), np.cumsum(np.bincount(rows.page)))),
        pair.astype(np.int32),
        rows.position.astype(np.int16),
        rows.clicked.astype(np.bool_),
    )


def _once_a_page(impressions: Impressions) -> Impressions:
    rows = impressions.take(np.lexsort((impressions.position, impressions.product, impressions.page)))
    if not len(rows.page):
        return rows
    first = np.ones(len(rows.page), np.bool_)
    first[1:] = (rows.page[1:] != rows.page[:-1]) | (rows.product[1:] != rows.product[:-1])
    clicked = np.logical_or.reduceat(rows.clicked, np.flatnonzero(first))
    return replace(rows.take(first), clicked=clicked)


def _with_sorted_names(impressions: Impressions) -> Impressions:
    queries, query = _sorted_names(impressions.queries, impressions.query)
    products, product = _sorted_names(impressions.products, impressions.product)
    return replace(impressions, queries=queries, products=products, query=query, product=product)


def _sorted_names(names: Sequence[str], numbers: Integers) -> tuple[tuple[str, ...], Integers]:
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return tuple(names[place] for place in order), rank[numbers]


def _place(names: tuple[str, ...], name: str) -> int | None:
    place = bisect_left(names, name)
    return place if place < len(names) and names[place] == name else None
