"""Unquoted words that mean more than text: numbers, booleans, dates."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from openaisle.engines.filters.expression import Scalar

_NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_EXACT_DIGITS = 15
"""A longer run of digits is an identifier: a float would round it."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt][0-9:.]+(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?")


def scalar(word: str) -> Scalar:
    """An unquoted word as the value it stands for; `007` and 16 digits or more stay text, as identifiers do."""
    lowered = word.lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    value = number(word)
    return word if value is None else value


def number(word: str) -> float | None:
    if not _NUMBER.fullmatch(word) or (word.lstrip("-").isdigit() and len(word.lstrip("-")) > _EXACT_DIGITS):
        return None
    value = float(word)
    return value if math.isfinite(value) else None


def moment(word: str) -> float | None:
    """An ISO 8601 date or date and time as Unix seconds; a date alone is its first moment, UTC unless it says."""
    if not _DATE.fullmatch(word):
        return None
    try:
        stated = datetime.fromisoformat(word.upper())
    except ValueError:
        return None
    return (stated if stated.tzinfo else stated.replace(tzinfo=UTC)).timestamp()
