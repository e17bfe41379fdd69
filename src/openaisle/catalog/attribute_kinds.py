"""What kind of values a column of texts holds, decided once from a sample so that all rows agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import orjson

_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?")
_TRUE = frozenset({"true", "yes", "是", "y"})
_FALSE = frozenset({"false", "no", "否", "n"})
_SEPARATORS = ("|", ";", "；", "、")
_LONGEST_ITEM = 40


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOL = "bool"
    LIST = "list"


def kind_of(sample: Sequence[str]) -> Kind:
    """The kind that every sampled value fits; a code with leading zeros and a number with a unit are text."""
    values = [value.strip() for value in sample if value and value.strip()]
    if not values:
        return Kind.TEXT
    if all(value.lower() in _TRUE or value.lower() in _FALSE for value in values):
        return Kind.BOOL
    if all(_NUMBER.fullmatch(value) for value in values):
        return Kind.NUMBER
    if sum(_looks_listed(value) for value in values) * 3 >= len(values):
        return Kind.LIST
    return Kind.TEXT


def converted(value: str, kind: Kind) -> Any:
    """The value as its kind. Raises `ValueError` when it does not fit."""
    text = value.strip()
    if kind is Kind.TEXT:
        return value
    if kind is Kind.LIST:
        return _items(text)
    if kind is Kind.NUMBER:
        if not _NUMBER.fullmatch(text):
            raise ValueError(text)
        return float(text)
    lowered = text.lower()
    if lowered in _TRUE or lowered in _FALSE:
        return lowered in _TRUE
    raise ValueError(text)


def _looks_listed(value: str) -> bool:
    items = _items(value)
    return len(items) > 1 and all(0 < len(item) <= _LONGEST_ITEM for item in items)


def _items(text: str) -> list[str]:
    if text.startswith("[") and text.endswith("]"):
        try:
            parsed = orjson.loads(text)
            return [str(item).strip() for item in parsed if item is not None]
        except orjson.JSONDecodeError:
            pass
    separator = next((sign for sign in _SEPARATORS if sign in text), None)
    return [item for item in (part.strip() for part in text.split(separator)) if item] if separator else [text]
