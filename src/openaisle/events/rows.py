"""Events as rows of the table `events`, and back."""

from __future__ import annotations

from typing import Any

from openaisle.events.event import Event, Kind, Source

Row = tuple[Any, ...]

EVENT_COLUMNS = (
    "id, kind, time, shopper, session, query_id, query, product_id, position, price, currency, quantity, seconds, "
    "source, placement, campaign"
)
"""In the order of `Event`."""

COLUMNS = f"seq, visitor, known, mark, {EVENT_COLUMNS}"

_KINDS = {kind.value: kind for kind in Kind}
_SOURCES = {source.value: source for source in Source}
_plain = str.__str__
"""An enum's value as the plain text that drivers know; `value` itself takes four times as long."""


def as_row(seq: int, event: Event, shopper: str, session: str, *, known: bool, mark: str) -> Row:
    return (
        seq,
        shopper or session,
        known,
        mark,
        event.id,
        _plain(event.kind),
        event.time,
        shopper,
        session,
        event.query_id,
        event.query,
        event.product_id,
        event.position,
        event.price,
        event.currency,
        event.quantity,
        event.seconds,
        _plain(event.source),
        event.placement,
        event.campaign,
    )


def as_event(row: Row) -> Event:
    """The event of a row with `EVENT_COLUMNS`."""
    id_, kind, time, shopper, session, query_id, query, product_id, position, *rest = row
    price, currency, quantity, seconds, source, placement, campaign = rest
    return Event(
        id_,
        _KINDS[kind],
        time,
        shopper,
        session,
        query_id,
        query,
        product_id,
        position,
        price,
        currency,
        quantity,
        seconds,
        _SOURCES[source],
        placement,
        campaign,
    )
