"""From events to search result pages: what one query showed, and what of it was clicked."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from openaisle.errors import LimitExceeded
from openaisle.events.click_models.pages import DEEPEST, Flags, Impressions, Integers, Pages, pages_of
from openaisle.events.event import Event, Kind, Source

KINDS = (Kind.QUERY, Kind.IMPRESSION, Kind.CLICK)
"""The kinds of events that pages are made of."""

MOST_IMPRESSIONS = 50_000_000
"""Rows of all pages together: what is learned from stays in memory."""

_ORGANIC = (Source.SEARCH, Source.OTHER)
"""Ads and recommendations that stand on a page of results were not put there by the search."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Pages, and what could not be placed on one.

    `spellings` gives for each query of the pages the form in which shoppers wrote it most. `unplaced` counts
    impressions without a position from 1 to 100 or without a query. `stray` counts, by (query, product), clicks of
    which it is not known what was shown beside them, since their page has no impressions; the query is "" where it is
    not known either.
    """

    pages: Pages
    spellings: Mapping[str, str]
    unplaced: int
    stray: Mapping[tuple[str, str], int]


def gather(
    events: Iterable[Event],
    fold: Callable[[str], str] = str.casefold,
) -> Gathered:
    """The pages of all searches among `events`, which may come in any order.

    A page is what has one `query_id`; queries that `fold` makes equal are one. A product that was clicked though its
    impression is missing counts as shown where the click says, as long as the page has others. Raises `LimitExceeded`.
    """
    rows = _Rows(fold)
    for event in events:
        if event.kind in KINDS and event.source in _ORGANIC:
            rows.add(event)
    return rows.gathered()


class _Numbers(dict[str, int]):
    """Names numbered in the order in which they come."""

    def __missing__(self, name: str) -> int:
        self[name] = number = len(self)
        return number


@dataclass(frozen=True, slots=True)
class _Columns:
    """What was shown, or what was clicked, by page and product; a position of 0 is none that can be used."""

    page: Integers
    product: Integers
    position: Integers

    def __getitem__(self, rows: Flags) -> _Columns:
        return _Columns(self.page[rows], self.product[rows], self.position[rows])


class _Growing:
    """Columns to which rows are added."""

    def __init__(self) -> None:
        self._page, self._product, self._position = array("q"), array("q"), array("q")

    def __len__(self) -> int:
        return len(self._page)

    def add(self, page: int, product: int, position: int) -> None:
        self._page.append(page)
        self._product.append(product)
        self._position.append(position)

    def columns(self) -> _Columns:
        return _Columns(*(np.array(column, np.int64) for column in (self._page, self._product, self._position)))


class _Rows:
    """What belongs together is found out when all events are there, since they come in any order."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._pages = _Numbers()
        self._products = _Numbers()
        self._written: dict[int, str] = {}
        self._shown = _Growing()
        self._clicked = _Growing()
        self._unplaced = 0
        self._stray: Counter[tuple[str, str]] = Counter()

    def add(self, event: Event) -> None:
        if not event.query_id:
            self._add_without_page(event)
            return
        page = self._pages[event.query_id]
        if event.query:
            self._written.setdefault(page, _one_line(event.query))
        if not event.product_id:
            return
        position = _usable(event.position)
        if event.kind is Kind.CLICK:
            self._clicked.add(page, self._products[event.product_id], position)
        elif event.kind is Kind.IMPRESSION and position:
            self._shown.add(page, self._products[event.product_id], position)
            if len(self._shown) > MOST_IMPRESSIONS:
                raise LimitExceeded(f"There are more than {MOST_IMPRESSIONS:,} impressions.", "Take fewer days.")
        elif event.kind is Kind.IMPRESSION:
            self._unplaced += 1

    def _add_without_page(self, event: Event) -> None:
        if event.kind is Kind.CLICK and event.product_id:
            self._stray[_one_line(event.query), event.product_id] += 1
        elif event.kind is Kind.IMPRESSION:
            self._unplaced += 1

    def gathered(self) -> Gathered:
        query, spellings = self._queries()
        shown, clicked = self._shown.columns(), self._clicked.columns()
        known = query[shown.page] >= 0
        unplaced = self._unplaced + int((~known).sum())
        shown = shown[known]
        was_shown = np.isin(self._code(clicked), self._code(shown))
        has_others = np.isin(clicked.page, shown.page) & (clicked.position > 0)
        for page, product in self._named(clicked[~was_shown & ~has_others]):
            self._stray[self._written.get(page, ""), product] += 1
        added = clicked[~was_shown & has_others]
        flags = np.isin(self._code(shown), self._code(clicked))
        pages = self._paged(
            _joined(shown, added), np.append(flags, np.ones(len(added.page), np.bool_)), query, spellings
        )
        return Gathered(pages, spellings, unplaced, self._stray)

    def _queries(self) -> tuple[Integers, dict[str, str]]:
        """The number of each page's query, -1 where none is known, and how each query is mostly written."""
        folded = {text: self._fold(text) for text in set(self._written.values())}
        numbers = _Numbers()
        query = np.full(len(self._pages), -1, np.int64)
        written: dict[str, Counter[str]] = {}
        for page, text in self._written.items():
            if key := folded[text]:
                query[page] = numbers[key]
                written.setdefault(key, Counter())[text] += 1
        # Ties go to the form that sorts first, so that the order of events has no say.
        return query, {key: min(forms, key=lambda form: (-forms[form], form)) for key, forms in written.items()}

    def _code(self, rows: _Columns) -> Integers:
        return rows.page * max(len(self._products), 1) + rows.product

    def _named(self, rows: _Columns) -> Iterator[tuple[int, str]]:
        names = list(self._products)
        for page, product in zip(rows.page.tolist(), rows.product.tolist(), strict=True):
            yield page, names[product]

    def _paged(self, rows: _Columns, clicked: Flags, query: Integers, spellings: Mapping[str, str]) -> Pages:
        # Pages are numbered in the order of their ids, so that the same events give the same pages in any order.
        rank = np.empty(len(self._pages), np.int64)
        rank[[number for _, number in sorted(self._pages.items())]] = np.arange(len(rank))
        _, page = np.unique(rank[rows.page], return_inverse=True)
        named = list(spellings), list(self._products)
        return pages_of(Impressions(*named, page, query[rows.page], rows.product, rows.position, clicked))


def _joined(first: _Columns, second: _Columns) -> _Columns:
    return _Columns(
        np.append(first.page, second.page),
        np.append(first.product, second.product),
        np.append(first.position, second.position),
    )


def _usable(position: int | None) -> int:
    return position if position is not None and 1 <= position <= DEEPEST else 0


def _one_line(query: str) -> str:
    return " ".join(query.split())
