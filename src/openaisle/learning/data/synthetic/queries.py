"""Made-up queries as examples to train on, never to test on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from openaisle.catalog.product import Product, texts
from openaisle.language import Analyzer
from openaisle.learning.data.keys import canonical, fraction
from openaisle.learning.data.leakage import HeldOut
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.data.synthetic.spans import spans
from openaisle.learning.data.synthetic.templates import filled
from openaisle.learning.examples import Candidate, Example, JudgedQuery, Triplet

MOST = 500_000
"""Queries made up in all; of a larger catalogue the products are drawn."""
_LONGEST = 80
_GAIN = 1.0

Progress = Callable[[str, int, int | None], None]


class QueryWriter(Protocol):
    """A language model that writes what shoppers would type."""

    def write(self, text: str, count: int) -> Sequence[str]:
        """Up to `count` queries for a product with this text. Raises `ModelError`."""


def made_up(
    shelf: Shelf,
    count: int,
    seed: int,
    *,
    beside: Sequence[Example],
    held_out: Iterable[Example],
    writer: QueryWriter | None,
    tell: Progress,
) -> tuple[Example, ...]:
    """Up to `count` queries for each product, as examples of the kind that they are put `beside`: triplets, or judged
    queries with the products that one was made from. For other kinds there are none.

    Queries that `held_out` examples ask are left out. Deterministic by seed, but for what a language model writes.
    """
    kind = type(beside[0]) if beside else Triplet
    if kind not in (Triplet, JudgedQuery):
        return ()
    held = HeldOut(held_out)
    asked = _asked(shelf, count, seed, writer, tell)
    pairs = [(query, product) for query, product in asked if held.like(query) is None]
    if kind is Triplet:
        return tuple(Triplet(query, shelf.text(product)) for query, product in pairs)
    return tuple(_judged(pairs, shelf))


def queries_for(product: Product, count: int, seed: int, analyzer: Analyzer) -> list[str]:
    """Up to `count` different queries for one product, drawn from all spans and templates, half of each
    where it has both."""
    titles = {canonical(title) for title in texts(product.title)}
    cut = _drawn((span for title in texts(product.title) for span in spans(title, analyzer)), titles, seed, product.id)
    made = _drawn(filled(product), titles, seed, product.id)
    in_turn = (query for pair in zip(cut, made, strict=False) for query in pair)
    rest = (*cut[len(made) :], *made[len(cut) :])
    distinct = {canonical(query): query for query in reversed((*in_turn, *rest))}
    return list(reversed(distinct.values()))[:count]


def _asked(
    shelf: Shelf, count: int, seed: int, writer: QueryWriter | None, tell: Progress
) -> Iterator[tuple[str, Product]]:
    analyzer = Analyzer()
    products = list(shelf)
    if len(products) * count > MOST:
        products = sorted(products, key=lambda product: fraction("synthetic", seed, product.id))[: MOST // count]
    for done, product in enumerate(products, start=1):
        if text := shelf.text(product):
            queries = writer.write(text, count) if writer else queries_for(product, count, seed, analyzer)
            yield from ((query, product) for query in queries)
        tell("making up queries", done, len(products))


def _drawn(queries: Iterable[str], titles: set[str], seed: int, id_: str) -> list[str]:
    fit = {query for query in queries if 1 < len(query) <= _LONGEST and canonical(query) not in titles}
    return sorted(fit, key=lambda query: (fraction("query", seed, id_, query), query))


def _judged(pairs: Iterable[tuple[str, Product]], shelf: Shelf) -> Iterator[JudgedQuery]:
    asked: dict[str, str] = {}
    answers: dict[str, dict[str, str]] = {}
    for query, product in pairs:
        key = canonical(query)
        asked.setdefault(key, query)
        answers.setdefault(key, {})[product.id] = shelf.text(product)
    for key, texts_by_id in answers.items():
        yield JudgedQuery(asked[key], tuple(Candidate(text, _GAIN, id_) for id_, text in texts_by_id.items()))
