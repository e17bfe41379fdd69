"""Single values of a record as JSON has them, read into what an event holds. Each raises `Unfit` with its field."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from openaisle.events.problems import Unfit

_LARGEST = 1 << 62


def text(value: object, field: str) -> str:
    """A text; a number is taken as it is written, null as nothing."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    raise Unfit(field, f"it is {_named(value)}", "Write it as text.")


def whole(value: object, field: str) -> int | None:
    """A whole number, also one written as text (as BigQuery does) or as 3.0."""
    if type(value) is int:
        if abs(value) > _LARGEST:
            raise Unfit(field, "it is too large", "Give a smaller number.")
        return value
    number = real(value, field)
    if number is None:
        return None
    if not math.isfinite(number) or number != int(number) or abs(number) > _LARGEST:
        raise Unfit(field, "it is not a whole number", "Write it as 1, 2, 3 …")
    return int(number)


def real(value: object, field: str) -> float | None:
    """A number, also one written as text."""
    if value is None or value == "":
        return None
    if type(value) is float or type(value) is int:
        return float(value)
    if type(value) is str:
        try:
            return float(value)
        except ValueError:
            pass
    raise Unfit(field, "it is not a number", "Write it as a number.")


def moment(value: object, field: str) -> int:
    """Milliseconds since 1970 from such a number or from ISO 8601; a text without a zone is taken as UTC."""
    if type(value) is int:
        return value
    if value is None or value == "":
        raise Unfit(field, "it is missing", "Say when it was: milliseconds since 1970, or ISO 8601.")
    if type(value) is str and not value.isdigit():
        try:
            read = datetime.fromisoformat(value)
            zoned = read if read.tzinfo is not None else read.replace(tzinfo=UTC)
            return int(zoned.timestamp() * 1000)
        except (ValueError, OverflowError):
            raise Unfit(field, "it is not a time", "Write milliseconds since 1970, or ISO 8601.") from None
    number = whole(value, field)
    assert number is not None
    return number


def currency(value: object) -> str:
    return text(value, "currency").upper()


def _named(value: object) -> str:
    kinds = {dict: "an object", list: "a list", bool: "true or false", float: "a fraction"}
    return kinds.get(type(value), "of another kind")
