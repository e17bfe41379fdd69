"""What of a product a shopper can have a taste for."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Trait = tuple[str, str]
"""A field and one of its values: `("brand", "Lumora")`, `("category", "Kitchen > Mugs")`, `("colour", "black")`."""

BRAND, CATEGORY, PRICE = "brand", "category", "price"
BETWEEN = " > "
"""Parts the steps of a category path."""

Bodies = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
"""Products as JSON-ready mappings by id; ids that are gone are left out."""

_OWN = (BRAND, CATEGORY, PRICE)
_LONGEST = 80
"""Characters of a value; what is longer is a text, which nobody has a taste for."""
_DEEPEST = 6
_MOST_ATTRIBUTES = 32
_MOST_VALUES = 8
_LANGUAGES = ("_zh", "_en")
"""Ends the name of an attribute that says another one again in this language."""


@dataclass(frozen=True, slots=True)
class Facts:
    """`traits` name brand, every step of the category path and attributes; `path` is the whole path, "" without one;
    `price` is what is paid now, above 0 or None; `titles` are in all languages, lower case."""

    traits: tuple[Trait, ...]
    path: str
    price: float | None
    titles: frozenset[str]


def facts_of(body: Mapping[str, Any]) -> Facts:
    """Whatever the body holds: what is no brand, category, price or attribute is passed over."""
    steps = [_value(step) for step in _listed(body.get("category"))[:_DEEPEST]]
    path = [step for step in steps if step]
    brand = _value(body.get("brand"))
    traits = [(BRAND, brand)] if brand else []
    traits += [(CATEGORY, sys.intern(BETWEEN.join(path[:depth]))) for depth in range(1, len(path) + 1)]
    traits += _attributes(body.get("attributes"))
    price = body.get("sale_price") if body.get("sale_price") is not None else body.get("price")
    return Facts(tuple(dict.fromkeys(traits)), BETWEEN.join(path), _price(price), frozenset(_titles(body.get("title"))))


def _attributes(attributes: object) -> Iterator[Trait]:
    """Texts and truths; a number is a measure, whose values have nothing in common with their neighbours."""
    if not isinstance(attributes, Mapping):
        return
    for name, value in list(attributes.items())[:_MOST_ATTRIBUTES]:
        if not isinstance(name, str) or len(name) > _LONGEST or name in _OWN or _again(name, attributes):
            continue
        if isinstance(value, bool):
            yield sys.intern(name), "yes" if value else "no"
        else:
            yield from ((sys.intern(name), text) for one in _listed(value)[:_MOST_VALUES] if (text := _value(one)))


def _again(name: str, attributes: Mapping[str, Any]) -> bool:
    stem, ending = name[:-3], name[-3:]
    return ending in _LANGUAGES and (stem in attributes or stem == CATEGORY)


def _listed(value: object) -> list[object]:
    if isinstance(value, str):
        return [value]
    return list(value) if isinstance(value, list | tuple) else []


def _value(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) and len(value) <= _LONGEST else ""
    return sys.intern(text)


def _price(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value > 0 else None


def _titles(title: object) -> Iterator[str]:
    texts = title.values() if isinstance(title, Mapping) else (title,)
    return (" ".join(text.split()).casefold() for text in texts if isinstance(text, str))


class FactsAtHand:
    """Facts of the products asked for last, read again when they are older than `seconds`. Safe for many threads."""

    def __init__(self, bodies: Bodies, most: int = 20_000, seconds: float = 600.0) -> None:
        self._bodies = bodies
        self._most = most
        self._seconds = seconds
        self._known: OrderedDict[str, tuple[float, Facts | None]] = OrderedDict()
        self._changing = threading.Lock()

    def of(self, ids: Sequence[str]) -> list[Facts | None]:
        """In the order of the ids; None for products that the catalogue does not have (any more)."""
        known = self._known
        old = time.monotonic() - self._seconds
        missing = [id for id in ids if (entry := known.get(id)) is None or entry[0] < old]
        fresh = self._read(missing) if missing else {}
        return [fresh[id] if id in fresh else _facts(known.get(id)) for id in ids]

    def _read(self, ids: Sequence[str]) -> dict[str, Facts | None]:
        now, bodies = time.monotonic(), self._bodies(ids)
        read = {id: facts_of(bodies[id]) if id in bodies else None for id in ids}
        with self._changing:
            for id, facts in read.items():
                self._known[id] = (now, facts)
                self._known.move_to_end(id)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return read


def _facts(entry: tuple[float, Facts | None] | None) -> Facts | None:
    return None if entry is None else entry[1]
