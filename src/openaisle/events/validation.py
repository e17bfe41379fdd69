"""What an event must hold to be stored. Sizes stand in `limits`."""

from __future__ import annotations

from openaisle.events import limits
from openaisle.events.event import Event, Kind
from openaisle.events.problems import Problem

_LENGTHS = (
    ("id", limits.ID_LENGTH),
    ("shopper", limits.NAME_LENGTH),
    ("session", limits.NAME_LENGTH),
    ("query_id", limits.LABEL_LENGTH),
    ("query", limits.QUERY_LENGTH),
    ("product_id", limits.PRODUCT_ID_LENGTH),
    ("placement", limits.LABEL_LENGTH),
    ("campaign", limits.LABEL_LENGTH),
)
_SHORTEST_LIMIT = min(limit for _, limit in _LENGTHS)


def problem_of(event: Event, now: int) -> Problem | None:
    """The first thing wrong with an event, None for a good one. `now` is in milliseconds since 1970."""
    return _of_time(event.time, now) or _of_texts(event) or _of_numbers(event) or _of_sense(event)


def _of_time(time: int, now: int) -> Problem | None:
    if limits.OLDEST_MS <= time <= now + limits.FUTURE_MS:
        return None
    if limits.OLDEST_MS <= time * 1000 <= now + limits.FUTURE_MS:
        return Problem("time", "it looks like seconds", "Give milliseconds since 1970, or ISO 8601.")
    if limits.OLDEST_MS <= time // 1000 <= now + limits.FUTURE_MS:
        return Problem("time", "it looks like microseconds", "Give milliseconds since 1970, or ISO 8601.")
    if time < limits.OLDEST_MS:
        return Problem("time", "it is before 1995", "Give milliseconds since 1970, or ISO 8601.")
    return Problem("time", "it lies in the future", "Set the sender's clock, and give times in UTC or with their zone.")


def _of_texts(event: Event) -> Problem | None:
    together = (
        f"{event.id}{event.shopper}{event.session}{event.query_id}"
        f"{event.query}{event.product_id}{event.placement}{event.campaign}"
    )
    if not event.id:
        return Problem("id", "it is missing", "Give every event an id of its own, such as a UUID.")
    if len(together) > _SHORTEST_LIMIT:
        for field, limit in _LENGTHS:
            if len(getattr(event, field)) > limit:
                return Problem(field, f"it has more than {limit:,} characters", "Shorten it.")
    if "\0" in together or not (together.isascii() or together.encode(errors="ignore").decode() == together):
        return Problem("", "a text holds a character that cannot be stored", "Send valid Unicode without NUL.")
    if event.currency and not (len(event.currency) == 3 and event.currency.isascii() and event.currency.isupper()):
        return Problem("currency", "it is not an ISO 4217 code", "Write it like EUR.")
    return None


def _of_numbers(event: Event) -> Problem | None:
    if event.position is not None and not 1 <= event.position <= limits.POSITION:
        return Problem("position", "it is not a place from 1 on", "Count places from 1, or leave it out.")
    if event.price is not None and not 0 <= event.price <= limits.PRICE:
        return Problem("price", "it is negative, too large or no number", "Give the price of one piece.")
    if not 1 <= event.quantity <= limits.QUANTITY:
        if event.quantity < 0:
            return Problem("quantity", "it is negative", "Send what came back as an event of the kind return.")
        return Problem("quantity", f"it is not from 1 to {limits.QUANTITY:,}", "Give the number of pieces.")
    if event.seconds is not None and not 0 <= event.seconds <= limits.DWELL_SECONDS:
        return Problem("seconds", "it is negative or more than a day", "Give the seconds that were spent on the page.")
    return None


def _of_sense(event: Event) -> Problem | None:
    if event.kind is Kind.QUERY:
        if event.query or event.query_id:
            return None
        return Problem("query", "a query has neither text nor query_id", "Send what was asked.")
    if not event.product_id:
        return Problem("product_id", f"a {event.kind} has no product", "Say which product it was.")
    if event.kind is Kind.DWELL and event.seconds is None:
        return Problem("seconds", "a dwell has no seconds", "Say how long the page was open.")
    return None
