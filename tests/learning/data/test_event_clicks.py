from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import pytest

from openaisle.catalog.product import Product
from openaisle.errors import DataError
from openaisle.events.event import Event, Kind
from openaisle.events.simulation import PositionShopper, events_of, market, simulate
from openaisle.learning.data.clicks import Click, ClickSource
from openaisle.learning.data.event_clicks import EventClicks
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.data.sources.clicks import from_clicks

KNOWN = market(6, 12, seed=2)


class Listed:
    """An event log in memory."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events

    def read(self, kinds: Collection[Kind] | None = None) -> Iterator[Event]:
        return (event for event in self._events if kinds is None or event.kind in kinds)


@pytest.fixture(scope="module")
def log() -> Listed:
    return Listed(list(events_of(simulate(KNOWN, PositionShopper(), 500, seed=2))))


def _clicked(page: int, query: str = "mug", product: str = "a", position: int | None = 1) -> Event:
    return Event(f"c{page}", Kind.CLICK, 0, query_id=str(page), query=query, product_id=product, position=position)


def test_it_is_a_source_of_clicks(log: Listed) -> None:
    source: ClickSource = EventClicks(log)
    assert isinstance(source, ClickSource)
    assert list(source.clicks()) == list(source.clicks())


@pytest.mark.parametrize("model", [None, "pbm"])
def test_examples_order_products_by_truth_more_than_the_table_of_clicks_does(log: Listed, model: str | None) -> None:
    shelf = Shelf([Product(id_, {"": id_}) for listed in KNOWN.products for id_ in listed], ("title",))
    examples = list(from_clicks(EventClicks(log, model), shelf))
    assert sorted(example.query for example in examples) == sorted(KNOWN.queries)
    agreements = []
    for example in examples:
        query = KNOWN.queries.index(example.query)
        truth = [KNOWN.attraction[query][KNOWN.products[query].index(each.product_id)] for each in example.candidates]
        agreements.append(np.corrcoef(truth, [each.gain for each in example.candidates])[0, 1])
        assert max(each.gain for each in example.candidates) == 1
    assert np.mean(agreements) > 0.9


def test_few_pages_are_counted_as_they_are() -> None:
    shown = replace(_clicked(1), kind=Kind.IMPRESSION)
    events = [shown, replace(shown, query_id="2", id="x", position=4), _clicked(1)]
    assert list(EventClicks(Listed(events)).clicks()) == [Click("mug", "a", 1, 2, 2.5)]


def test_clicks_alone_where_there_are_no_impressions() -> None:
    events = [_clicked(1), _clicked(2), _clicked(3, product="b", position=None), _clicked(4, query="")]
    assert list(EventClicks(Listed(events)).clicks()) == [Click("mug", "a", 2), Click("mug", "b", 1)]


def test_no_clicks() -> None:
    with pytest.raises(DataError, match="recorded no clicks"):
        list(EventClicks(Listed([replace(_clicked(1), kind=Kind.IMPRESSION)])).clicks())
