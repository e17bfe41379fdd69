"""Quantities: numbers with units (`500ml`, `3/4 in.`, 12英寸) and dimensions (`2x4`, `2 in. x 4 in. x 8 ft.`)."""

from __future__ import annotations

import re
from fractions import Fraction

from openaisle.language.han import HAN
from openaisle.language.tokens import Kind, Piece
from openaisle.language.units import HAN_SIGNS, HAN_UNITS, LATIN_UNITS, SIGN_UNITS, canonical, decimal, find_unit

_FRACTION = r"(?:\d{1,3}[\s-])?\d{1,3}/\d{1,3}(?![\d/])"
_THOUSANDS = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,4})?"
_PLAIN = r"\d{1,12}(?:\.\d{1,4})?|\.\d{1,4}"
"""A longer number is an identifier, not an amount."""
NUMBER = f"{_FRACTION}|{_THOUSANDS}|{_PLAIN}"
_END = rf"(?![^\W_{HAN}])"
# "3 in 1", "3-in-1" and "2 in 10 colours" are not inches.
_NOT_INCH = r"(?!in[\s-]\d)"
_UNIT = (
    rf"(?:\s?-?\s?{_NOT_INCH}(?:{LATIN_UNITS}){_END}\.?"
    rf"|\s?(?:{SIGN_UNITS})|\s?(?:{HAN_UNITS})|\s?(?:{HAN_SIGNS})(?![{HAN}]))"
)
BARE_NUMBER = rf"(?:{NUMBER})(?![^\W_{HAN}]|[._-][^\W_{HAN}])"
MEASURE = rf"(?:{NUMBER}){_UNIT}"
"""A quantity whose unit belongs to nothing else."""
DIMENSIONS = rf"(?:{NUMBER})(?:{_UNIT})?(?:\s?x\s?(?:{NUMBER})(?:{_UNIT})?){{1,3}}{_END}"

_HEAD = re.compile(rf"({NUMBER})({_UNIT})?")
_LONE_UNIT = re.compile(rf"({NUMBER})\s?({HAN_SIGNS})")
LONE_UNIT = rf"(?:{NUMBER})(?=\s?(?:{HAN_SIGNS}))"
"""A number before a Chinese run that begins with what may be a unit."""
_UNIT_EDGE = re.compile(r"^[\s-]+|\.+$")


def amount(number: str) -> Fraction:
    """The value of a number as written: `1,000`, `0.5`, `3/4`, `1-1/2`."""
    whole, _, rest = number.replace("-", " ").replace(",", "").rpartition(" ")
    numerator, slash, denominator = rest.partition("/")
    if slash:
        value = Fraction(int(numerator), int(denominator)) if int(denominator) else Fraction(int(numerator))
    else:
        value = Fraction(rest)
    return value + int(whole or 0)


def measure(text: str) -> list[Piece]:
    """`500ml` → the canonical quantity, then its number (the unit alone finds nothing worth finding)."""
    match = _HEAD.match(text)
    if match is None or match[2] is None:
        return []
    return _quantity(match)


def dimensions(text: str) -> list[Piece]:
    """`2 in. x 4 in. x 8 ft.` → `2x4x8` and `2x4`, then each quantity."""
    sides = list(_HEAD.finditer(text))
    numbers = [decimal(amount(side[1])) for side in sides]
    pieces: list[Piece] = [("x".join(numbers), 0, len(text), Kind.MODEL, 0)]
    if len(numbers) > 2:
        pieces.append(("x".join(numbers[:2]), 0, sides[1].end(), Kind.PART, 0))
    for side in sides:
        pieces += _quantity(side)
    return pieces


def number(text: str) -> list[Piece]:
    """A bare number, by value, so that `1,000` is `1000` and `3/4` is `0.75`."""
    return [(decimal(amount(text)), 0, len(text), Kind.NUMBER, 0)]


def lone_unit(text: str) -> list[Piece]:
    """A number and the first character of the Chinese run after it, which may be a unit (5寸屏幕) or not (2升级)."""
    match = _LONE_UNIT.match(text)
    if match is None:
        return []
    value = amount(match[1])
    return [
        (canonical(value, find_unit(match[2])), 0, match.end(), Kind.MEASURE, 0),
        (decimal(value), 0, match.end(1), Kind.PART, 0),
    ]


def _quantity(match: re.Match[str]) -> list[Piece]:
    start, end = match.span(1)
    value = amount(match[1])
    part: Piece = (decimal(value), start, end, Kind.PART, 0)
    if match[2] is None:
        return [part]
    unit = find_unit(_UNIT_EDGE.sub("", match[2]))
    return [(canonical(value, unit), start, match.end(), Kind.MEASURE, 0), part]
