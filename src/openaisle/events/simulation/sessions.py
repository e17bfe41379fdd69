"""Simulated searches: a ranking that wavers, shoppers who click, pages or events that come of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from openaisle.events.click_models.pages import Floats, Impressions, Integers, Pages, pages_of
from openaisle.events.event import Event, Kind, Source
from openaisle.events.simulation.market import Market
from openaisle.events.simulation.shoppers import Shopper

_START = 1_700_000_000_000
"""The time of the first simulated event."""
_BETWEEN_PAGES = 1_000
_RANKER_ERROR = 0.2
"""Standard deviation of the ranking's error about a product's attraction, which lasts for all sessions."""


def simulate(
    market: Market, shopper: Shopper, sessions: int, *, shown: int = 10, wavering: float = 0.3, seed: int = 1
) -> Pages:
    """`sessions` pages a query of the `shown` products that a ranking puts first.

    The ranking knows attraction with a lasting error; `wavering` is the standard deviation of what is added to it anew
    for each page: 0 for a ranking that never moves, large for one at random.
    """
    generator = np.random.default_rng(seed)
    queries, products = market.attraction.shape
    ranking = market.attraction + generator.normal(0, _RANKER_ERROR, market.attraction.shape)
    lists = np.concatenate([_lists(scores, sessions, shown, wavering, generator) for scores in ranking])
    query = np.repeat(np.arange(queries), sessions)
    of_query = query[:, None]
    clicked = shopper.clicks(market.attraction[of_query, lists], market.satisfaction[of_query, lists], generator)
    return pages_of(
        Impressions(
            market.queries,
            [product for listed in market.products for product in listed],
            np.repeat(np.arange(len(lists)), shown),
            np.repeat(query, shown),
            (lists + of_query * products).ravel(),
            np.tile(np.arange(1, shown + 1), len(lists)),
            clicked.ravel(),
        )
    )


def events_of(pages: Pages, source: Source = Source.SEARCH) -> Iterator[Event]:
    """The events that a shop would have recorded of `pages`, a second from page to page."""
    queries, products = pages.pairs.queries, pages.pairs.products
    of_pair = list(zip(pages.pairs.query.tolist(), pages.pairs.product.tolist(), strict=True))
    rows = zip(pages.page.tolist(), pages.pair.tolist(), pages.position.tolist(), pages.clicked.tolist(), strict=True)
    before = -1
    for row, (page, pair, position, clicked) in enumerate(rows):
        query, product = of_pair[pair]
        asked = Event(
            f"q{page}",
            Kind.QUERY,
            _START + page * _BETWEEN_PAGES,
            query_id=f"q{page:09}",
            query=queries[query],
            source=source,
        )
        if page != before:
            yield asked
            before = page
        shown = replace(
            asked,
            id=f"i{row}",
            kind=Kind.IMPRESSION,
            time=asked.time + 1,
            product_id=products[product],
            position=position,
        )
        yield shown
        if clicked:
            yield replace(shown, id=f"c{row}", kind=Kind.CLICK, time=shown.time + position)


def _lists(scores: Floats, sessions: int, shown: int, wavering: float, generator: np.random.Generator) -> Integers:
    noisy = scores + generator.normal(0, wavering, (sessions, len(scores)))
    return np.argsort(-noisy, axis=1, kind="stable")[:, :shown]
