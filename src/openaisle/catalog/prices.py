"""Prices as people and systems write them: "19.99 USD", "¥1,299.00", "19,99 €", "1.2万元"."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from openaisle.catalog.problems import Unfit

_SIGNS = {
    "¥": "CNY",
    "元": "CNY",
    "块": "CNY",
    "RMB": "CNY",
    "人民币": "CNY",
    "JP¥": "JPY",
    "円": "JPY",
    "日元": "JPY",
    "$": "USD",
    "US$": "USD",
    "美元": "USD",
    "HK$": "HKD",
    "港元": "HKD",
    "港币": "HKD",
    "NT$": "TWD",
    "新台币": "TWD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "S$": "SGD",
    "R$": "BRL",
    "€": "EUR",
    "欧元": "EUR",
    "EURO": "EUR",
    "£": "GBP",
    "英镑": "GBP",
    "₩": "KRW",
    "원": "KRW",
    "韩元": "KRW",
    "₹": "INR",
    "₽": "RUB",
    "₺": "TRY",
    "฿": "THB",
    "₫": "VND",
    "ZŁ": "PLN",
}
_ISO = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"[0-9][0-9.,'’\s]*")
_MYRIAD = "万"
_MEND = "Write the price like 19.99 or 19.99 USD."


class Money(NamedTuple):
    """An amount in major units and its ISO 4217 code, if the text told one."""

    amount: float
    currency: str | None


def parse_money(text: str) -> Money:
    """The price in `text`. A lone comma or dot is decimal unless exactly three digits follow a comma.

    Raises `Unfit` when there is not exactly one number or the sign beside it is no currency.
    """
    try:
        return Money(float(text), None) if _is_plain(text) else _parse(text)
    except ValueError:
        raise Unfit(f"{text[:40]!r} is not a price", _MEND) from None


def parse_currency(text: str) -> str:
    """The ISO 4217 code of a code, sign or name. Raises `Unfit`."""
    sign = unicodedata.normalize("NFKC", text).strip().upper()
    if sign in _SIGNS:
        return _SIGNS[sign]
    if _ISO.fullmatch(sign):
        return sign
    raise Unfit(f"{text[:40]!r} is not a currency", "Use the three-letter ISO 4217 code, such as CNY or USD.")


def _is_plain(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdigit()


def _parse(text: str) -> Money:
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _AMOUNT.search(plain)
    if found is None or len(plain) > 60:
        raise ValueError
    before, after = plain[: found.start()].strip(), plain[found.end() :].strip()
    factor = 1.0
    if after.startswith(_MYRIAD):
        factor, after = 10_000.0, after.removeprefix(_MYRIAD).strip()
    negative = before.endswith("-") or before.startswith("-")
    sign = before.strip("- ") or after
    if before.strip("- ") and after:
        sign = _agreeing(before.strip("- "), after)
    amount = float(_decimal(found.group().strip(), trailing_euro=after == "€")) * factor
    return Money(-amount if negative else amount, parse_currency(sign) if sign else None)


def _agreeing(before: str, after: str) -> str:
    """Signs on both sides, as in "$19.99 USD" or "US $19.99 CAD": an ISO code says more than a sign."""
    code = after.upper()
    if _ISO.fullmatch(code):
        return code
    if parse_currency(before) != parse_currency(after):
        raise ValueError
    return before


def _decimal(amount: str, trailing_euro: bool) -> str:
    """The digits with one decimal point, whichever of the two separators was meant as one."""
    digits = re.sub(r"['’\s]", "", amount).rstrip(".,")
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and dot >= 0:
        thousands, decimal = (",", ".") if dot > comma else (".", ",")
        return digits.replace(thousands, "").replace(decimal, ".")
    if comma >= 0:
        is_thousands = digits.count(",") > 1 or len(digits) - comma - 1 == 3
        return digits.replace(",", "" if is_thousands else ".")
    if digits.count(".") > 1 or (trailing_euro and dot >= 0 and len(digits) - dot - 1 == 3):
        return digits.replace(".", "")
    return digits
