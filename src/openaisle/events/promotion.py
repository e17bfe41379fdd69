"""Takes in the events of products that were unknown when the events came, and are in the catalogue now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Engine

from openaisle.events import writes
from openaisle.events.batching import batches
from openaisle.events.dialect import Dialect
from openaisle.events.writes import Known
from openaisle.storage import fetch, writing

_PRODUCTS = 1000
_EVENTS = 10_000
"""Events a transaction."""


def promote(engine: Engine, known: Known, products: Iterable[str] | None) -> int:
    """Number anew the events of `products`, of any if None, that the catalogue has; returns how many there were."""
    if not fetch(engine, "SELECT 1 FROM events WHERE NOT known LIMIT 1", ()):
        return 0
    promoted = 0
    for page in _unknown(engine) if products is None else batches(products, _PRODUCTS):
        appeared = known(page)
        while appeared and (moved := _promote_some(engine, appeared)):
            promoted += moved
    return promoted


def _promote_some(engine: Engine, products: set[str]) -> int:
    with writing(engine) as connection:
        return writes.promote(connection, products, _EVENTS)


def _unknown(engine: Engine) -> Iterator[list[str]]:
    """The products that events are kept apart for, a page at a time."""
    query = Dialect(engine.dialect.name).sql(
        "SELECT DISTINCT product_id FROM events WHERE NOT known AND product_id > ? ORDER BY product_id LIMIT ?"
    )
    last = ""
    while page := [product for (product,) in fetch(engine, query, (last, _PRODUCTS))]:
        yield page
        last = page[-1]
