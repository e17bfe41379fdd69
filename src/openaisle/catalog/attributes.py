"""Free attributes and ranking signals: names and values within limits, numbers finite, lists of text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from openaisle.catalog import limits
from openaisle.catalog.problems import Doubt, Unfit
from openaisle.catalog.product import AttributeValue
from openaisle.catalog.texts import cleaned, shortened

_MEND = "Give text, a number, true or false, or a list of texts."


def parse_attributes(value: Any) -> Any:
    """Attributes by name. Nested objects become dotted names; empty values are left out."""
    if not isinstance(value, Mapping):
        raise Unfit("the attributes are not an object", 'Write them like {"colour": "blue"}.')
    attributes: dict[str, AttributeValue] = {}
    doubt: Doubt | None = None
    for name, raw in _flat(value):
        parsed = _value(name, raw)
        if isinstance(parsed, Doubt):
            doubt, parsed = parsed, parsed.kept
        if parsed is not None:
            attributes[name] = parsed
    if len(attributes) > limits.ATTRIBUTES:
        raise Unfit(f"it has {len(attributes):,} attributes", f"Keep within {limits.ATTRIBUTES} attributes a product.")
    return attributes if doubt is None else Doubt(attributes, doubt.reason, doubt.mend)


def parse_ranking(value: Any) -> dict[str, float]:
    """The shop's own numeric signals by name."""
    if not isinstance(value, Mapping) or len(value) > limits.RANKING_FIELDS:
        mend = f'Write them like {{"margin": 0.3}}, at most {limits.RANKING_FIELDS}.'
        raise Unfit("the ranking fields are not an object of numbers", mend)
    return {_name(name): _signal(name, raw) for name, raw in value.items() if raw is not None and raw != ""}


# Feeds repeat their few names on every row.
@lru_cache(maxsize=4096)
def _known_name(raw: str) -> str:
    return _name(raw)


def _flat(value: Mapping[Any, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    if depth > 5:
        raise Unfit(f"the attribute {prefix[:60]!r} is nested too deeply", "Flatten nested attributes.")
    for raw_name, raw in value.items():
        if not isinstance(raw, str) and isinstance(raw, Mapping):
            yield from _flat(raw, f"{prefix}{raw_name}.", depth + 1)
        elif raw is not None and raw != "":
            name = f"{prefix}{raw_name}"
            yield _known_name(name) if len(name) <= limits.NAME_LENGTH else _name(name), raw


def _name(raw: Any) -> str:
    name = cleaned(str(raw)).strip()
    if not name or len(name) > limits.NAME_LENGTH:
        raise Unfit(f"the attribute name {name[:40]!r} has {len(name)} characters", "Use names of 1 to 200 characters.")
    return name


def _value(name: str, raw: Any) -> Any:
    if isinstance(raw, str):
        return _long_text(name, cleaned(raw).strip())
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float | Decimal):
        return _finite(name, raw)
    if isinstance(raw, list | tuple):
        return _items(name, raw)
    if isinstance(raw, date):
        return raw.isoformat()
    return Doubt(None, f"the attribute {name[:40]!r} has a value of an unknown kind and was dropped", _MEND)


def _long_text(name: str, text: str) -> Any:
    if len(text) <= limits.ATTRIBUTE_LENGTH:
        return text or None
    short = shortened(text, limits.ATTRIBUTE_LENGTH)
    return Doubt(short.kept, f"{name}: {short.reason}", short.mend) if isinstance(short, Doubt) else short


def _items(name: str, raw: list[Any] | tuple[Any, ...]) -> Any:
    known = [item for item in raw if isinstance(item, str | int | float | Decimal)]
    items = tuple(_item(name, item) for item in known if item != "")
    if len(known) < sum(item is not None for item in raw):
        return Doubt(items or None, f"the list {name[:40]!r} holds other things than text, which were dropped", _MEND)
    if len(items) > limits.LIST_LENGTH:
        mend = f"Keep lists within {limits.LIST_LENGTH:,} values."
        return Doubt(items[: limits.LIST_LENGTH], f"the list {name!r} has {len(items):,} values and was cut", mend)
    return items or None


def _item(name: str, item: str | float | Decimal) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, int | float | Decimal):
        return f"{_finite(name, item):.15g}"
    return cleaned(item).strip()[: limits.ATTRIBUTE_LENGTH]


def _finite(name: str, number: float | Decimal) -> float:
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Unfit(f"the attribute {name[:40]!r} is not a finite number", "Leave it out, or give a finite number.")
    return value


def _signal(name: Any, raw: Any) -> float:
    try:
        value = float(raw)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value) or isinstance(raw, bool):
        raise Unfit(f"the ranking field {str(name)[:40]!r} is not a finite number", "Give a finite number.")
    return value
