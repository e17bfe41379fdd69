from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Engine

from openaisle.events.event import Event, Kind
from openaisle.events.log import EventLog
from openaisle.storage import migrate, open_engine

NOON = 1_750_000_000_000
"""A moment in June 2025."""

Make = Callable[..., Event]


@pytest.fixture
def database(store_url: str) -> Iterator[Engine]:
    """Each test that asks for it runs on every store, see `store_url`."""
    engine = open_engine(store_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def catalogue() -> set[str]:
    """The products that there are; a test may change them."""
    return {"mug", "kettle"}


@pytest.fixture
def log(database: Engine, catalogue: set[str]) -> Iterator[EventLog]:
    def known(products: Sequence[str]) -> set[str]:
        return catalogue.intersection(products)

    log = EventLog(database, known)
    yield log
    log.close()


@pytest.fixture
def make() -> Make:
    """An event with an id of its own: a click on the mug at noon by anna, unless said otherwise."""
    numbers = itertools.count(1)

    def event(**said: Any) -> Event:
        given = {"id": f"e{next(numbers)}", "kind": Kind.CLICK, "time": NOON, "shopper": "anna", "product_id": "mug"}
        return Event(**{**given, **said})

    return event
