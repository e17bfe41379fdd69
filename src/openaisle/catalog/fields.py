"""One parser a product field: from what feeds and bodies hold to what `Product` holds.

A parser raises `Unfit` when the row cannot be taken, and returns a `Doubt` when the value was changed or dropped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from openaisle.catalog import limits
from openaisle.catalog.attributes import parse_attributes, parse_ranking
from openaisle.catalog.availability import parse_availability
from openaisle.catalog.dates import parse_moment
from openaisle.catalog.prices import Money, parse_currency, parse_money
from openaisle.catalog.problems import Doubt, OutOfBounds, Unfit
from openaisle.catalog.texts import cleaned, shortened

_ANY_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CATEGORY_SEPARATORS = (">", "＞", "»", "|", "/", "／")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):")
_IMAGE_BREAKS = re.compile(r"\s*[|\n]\s*|\s+|,(?=\s*(?:https?:)?//)")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*")
_GTIN_LENGTHS = {8, 12, 13, 14}


def parse_id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, str):
        raise Unfit("the id is not text", "Give every product an id of text or digits.")
    id_ = value.strip()
    if len(id_) > limits.ID_LENGTH:
        raise Unfit(f"the id has {len(id_):,} characters", f"Keep ids within {limits.ID_LENGTH} characters.")
    if _ANY_CONTROL.search(id_):
        raise Unfit("the id has control characters", "Use visible characters in ids.")
    return id_


def parse_title(value: Any) -> Any:
    return _text(value, limits.TITLE_LENGTH)


def parse_description(value: Any) -> Any:
    return _text(value, limits.DESCRIPTION_LENGTH)


def parse_name(value: Any) -> Any:
    """A short text: brand, model number, group."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(int(value)) if float(value).is_integer() else str(value)
    if not isinstance(value, str):
        raise Unfit("it is not text", "Give one text.")
    return shortened(cleaned(value).strip(), limits.NAME_LENGTH)


def parse_group(value: Any) -> str:
    return parse_id(value)


def parse_category(value: Any) -> Any:
    """A path from a list, or from one text parted by `>`, `|` or `/` (the first of these that it has)."""
    if isinstance(value, str):
        return _known_path(value) if len(value) <= limits.NAME_LENGTH else _path_of_text(value)
    return _path(value)


# Feeds repeat their few categories on every row.
@lru_cache(maxsize=4096)
def _known_path(text: str) -> Any:
    return _path_of_text(text)


def _path_of_text(text: str) -> Any:
    separator = next((sign for sign in _CATEGORY_SEPARATORS if sign in text), None)
    return _path(text.split(separator) if separator else [text])


def _path(value: Any) -> Any:
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise Unfit("the category is not a path of texts", 'Write it like "Shoes > Running" or ["Shoes", "Running"].')
    path = tuple(part for part in (cleaned(part).strip()[: limits.NAME_LENGTH] for part in value) if part)
    if len(path) > limits.CATEGORY_DEPTH:
        mend = f"Keep category paths within {limits.CATEGORY_DEPTH} levels."
        return Doubt(path[: limits.CATEGORY_DEPTH], f"the path has {len(path)} levels; the rest was cut", mend)
    return path


def parse_price(value: Any) -> Money:
    money = parse_money(value.strip()) if isinstance(value, str) else Money(_number(value), None)
    if not math.isfinite(money.amount):
        raise OutOfBounds("the price is not a finite number", "Write the price like 19.99.")
    if money.amount < 0:
        raise OutOfBounds(f"the price {money.amount:g} is negative", "Give a price of 0 or more.")
    if money.amount > limits.PRICE:
        raise OutOfBounds(
            f"the price {money.amount:g} is beyond {limits.PRICE:g}", "Check the price and its decimal sign."
        )
    return money


def parse_currency_field(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("the currency is not text", "Use the three-letter ISO 4217 code, such as CNY or USD.")
    return parse_currency(value)


def parse_count(value: Any) -> int:
    """A whole number of 0 or more: stock, rating count."""
    number = _number(value.strip().replace(",", "") if isinstance(value, str) else value)
    if not math.isfinite(number) or not number.is_integer():
        raise Unfit(f"{str(value)[:40]} is not a whole number", "Give a whole number of 0 or more.")
    if number < 0 or number > limits.COUNT:
        raise OutOfBounds(f"{number:g} is not between 0 and {limits.COUNT:g}", "Give a whole number of 0 or more.")
    return int(number)


def parse_rating(value: Any) -> float:
    number = _number(value.strip() if isinstance(value, str) else value)
    if not 0 <= number <= 5:
        raise OutOfBounds(f"the rating {number:g} is not between 0 and 5", "Scale ratings to 0 to 5.")
    return number


def parse_images(value: Any) -> Any:
    """Addresses from a list, or from one text parted by `|`, space or a comma before the next address."""
    if isinstance(value, str):
        value = _IMAGE_BREAKS.split(value)
    if not isinstance(value, list | tuple):
        raise Unfit("the images are not a list of addresses", "Give a list of addresses.")
    addresses = [item.strip() for item in value if isinstance(item, str) and item.strip()]
    fit = tuple(dict.fromkeys(address for address in addresses if _is_address(address)))
    if len(fit) < len(set(addresses)) or len(addresses) < sum(item not in (None, "") for item in value):
        return Doubt(fit[: limits.IMAGES], "some images are no web addresses and were dropped", _ADDRESS_MEND)
    return fit[: limits.IMAGES]


def parse_url(value: Any) -> Any:
    if isinstance(value, str) and _is_address(value.strip()):
        return value.strip()
    return Doubt(None, f"{str(value)[:60]!r} is no web address and was dropped", _ADDRESS_MEND)


def parse_gtin(value: Any) -> Any:
    """A GTIN-8, -12, -13 or -14 whose check digit is right (GS1 General Specifications, 7.9)."""
    digits = re.sub(r"[\s\-]", "", str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
    if digits.isascii() and digits.isdigit() and len(digits) in _GTIN_LENGTHS and _check_digit_fits(digits):
        return digits
    return Doubt(None, f"{digits[:40]!r} is not a valid GTIN and was dropped", "Correct the number or its check digit.")


_ADDRESS_MEND = f"Give http(s) addresses or relative paths of at most {limits.URL_LENGTH:,} characters."

PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "id": parse_id,
    "title": parse_title,
    "description": parse_description,
    "group_id": parse_group,
    "brand": parse_name,
    "category": parse_category,
    "price": parse_price,
    "sale_price": parse_price,
    "currency": parse_currency_field,
    "stock": parse_count,
    "availability": parse_availability,
    "attributes": parse_attributes,
    "images": parse_images,
    "url": parse_url,
    "gtin": parse_gtin,
    "mpn": parse_name,
    "rating": parse_rating,
    "rating_count": parse_count,
    "created_at": parse_moment,
    "updated_at": parse_moment,
    "ranking": parse_ranking,
}
"""Every field of `Product`, in its order."""


def _text(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        text = cleaned(value).strip()
        if len(text) > limit:
            short = shortened(text, limit)
            return Doubt({"": short.kept}, short.reason, short.mend) if isinstance(short, Doubt) else {"": short}
        return {"": text} if text else {}
    if isinstance(value, Mapping):
        return _texts(value, limit)
    raise Unfit("it is not text", 'Give one text, or one per language like {"en": …, "zh": …}.')


def _texts(value: Mapping[Any, Any], limit: int) -> Any:
    texts: dict[str, str] = {}
    doubt: Doubt | None = None
    if len(value) > limits.LANGUAGES:
        raise Unfit(f"it has {len(value)} languages", f"Give at most {limits.LANGUAGES}.")
    for name, text in value.items():
        if text is None:
            continue
        if not isinstance(text, str):
            raise Unfit(f"the text for {str(name)[:20]!r} is not text", "Give text for each language.")
        short = shortened(cleaned(text).strip(), limit)
        if isinstance(short, Doubt):
            doubt, short = short, short.kept
        if short:
            texts[_language(name, texts)] = short
    return texts if doubt is None else Doubt(texts, doubt.reason, doubt.mend)


def _language(name: Any, taken: Mapping[str, str]) -> str:
    """The primary language subtag (`zh-CN` → `zh`), or the whole tag when another text has that already."""
    tag = str(name).strip().lower()
    if not tag:
        return ""
    match = _LANGUAGE.fullmatch(tag)
    if match is None:
        raise Unfit(f"{tag[:20]!r} is not a language tag", "Name languages like en or zh.")
    primary = "zh" if match.group(1) == "cn" else match.group(1)
    return tag.replace("_", "-") if primary in taken else primary


def _number(value: Any) -> float:
    if isinstance(value, bool) or value is None:
        raise Unfit(f"{value!r} is not a number", "Give a number.")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise Unfit(f"{str(value)[:40]!r} is not a number", "Give a number.") from None


def _is_address(text: str) -> bool:
    if len(text) > limits.URL_LENGTH or _ANY_CONTROL.search(text):
        return False
    scheme = _SCHEME.match(text)
    return scheme is None or scheme.group(1).lower() in {"http", "https"}


def _check_digit_fits(digits: str) -> bool:
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))) % 10 == 0
