"""Amounts of money: whole minor units (cents, fen) inside, decimal text in major units at the edges."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil

_NO_MINOR = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THREE_DIGITS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))

LARGEST = 10**15
"""Minor units; sums of many amounts still fit 64 bits."""


def digits_of(currency: str) -> int:
    """How many digits follow the point in amounts of a currency (ISO 4217)."""
    if currency in _NO_MINOR:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


def minor_units(amount: str | int | Decimal, currency: str) -> int:
    """`"0.45"` EUR is 45. Raises `ValueError` for what is no amount, is negative, or has more digits than it may."""
    try:
        stated = Decimal(amount)
    except InvalidOperation:
        raise ValueError(f"{str(amount)[:40]!r} is not an amount") from None
    if not stated.is_finite() or stated < 0:
        raise ValueError(f"{str(amount)[:40]!r} is not an amount of 0 or more")
    scaled = Fraction(stated) * 10 ** digits_of(currency) if stated.adjusted() < 20 else Fraction(LARGEST + 1)
    if scaled > LARGEST:
        raise ValueError(f"{str(amount)[:40]!r} is more than can be kept")
    if scaled.denominator != 1:
        raise ValueError(f"{str(amount)[:40]!r} has more than {digits_of(currency)} digits after the point")
    return int(scaled)


def minor_units_up(amount: str, currency: str) -> int:
    """The least whole amount that reaches this one, at least 1: `"0.01"` JPY is 1."""
    exact: Fraction = Fraction(amount) * 10 ** digits_of(currency)
    return max(1, ceil(exact))


def major_units(amount: int, currency: str) -> str:
    """45 EUR is `"0.45"`."""
    return f"{Decimal(amount).scaleb(-digits_of(currency)):.{digits_of(currency)}f}"


def rounded(price: Fraction, share: float) -> int:
    """A price in whole minor units, up in `price mod 1` of all shares of [0, 1) and down otherwise: no fraction of a
    unit is ever billed, and over many clicks neither side loses. Never above a whole bid that the price is within."""
    if not 0 <= share < 1:
        raise ValueError("the share lies outside [0, 1)")
    return int(price + Fraction(share))
