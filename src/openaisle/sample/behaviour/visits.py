"""One visit: a few queries of one errand, what is seen, clicked and put into the cart, and the order at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from openaisle.sample.behaviour.chance import between, gumbel, one, several
from openaisle.sample.behaviour.pages import Page, Place, Variant
from openaisle.sample.behaviour.shoppers import Shopper

Record = dict[str, Any]
"""An event in the shop's own JSON form; its `time` is in milliseconds since 1970."""

LONGEST_MS = 3_600_000
"""No visit takes longer."""
_QUERIES = (2.0, 4.0)
_SEEN_AT_LEAST = 2
_READS_ON = 0.85
"""Chance to look at one more place."""
_CLICKS = (1.0, 3.0)
_NOISE = 0.5
"""Scale of what moves a choice beside answer and taste."""
_CARTS = {3: 0.6, 2: 0.4, 1: 0.25}
"""Chance by gain that what was clicked goes into the cart."""
_ORDERS = 0.7
"""Chance that a cart is ordered."""


def visit(shopper: Shopper, number: int, begin: int, pages: Mapping[str, Page], chance: Random) -> list[Record]:
    """The events of a visit that begins at `begin`, in their order."""
    visiting = _Visit(shopper, f"{shopper.id}-{number}", begin, chance)
    queries = several(one(shopper.errands, chance).queries, int(between(*_QUERIES, chance)), chance)
    for turn, query in enumerate(queries, start=1):
        visiting.ask({"query_id": f"{visiting.session}-q{turn}", "query": query}, pages[query])
    if chance.random() < _ORDERS:
        visiting.order()
    return visiting.told


@dataclass(slots=True)
class _Visit:
    """A visit as it goes on; `time` is now, in milliseconds since 1970."""

    shopper: Shopper
    session: str
    time: float
    chance: Random
    told: list[Record] = field(default_factory=list)
    cart: list[Record] = field(default_factory=list)

    def ask(self, question: Record, page: Page) -> None:
        """Read the upper part of a page, click what is worth most of it, perhaps put it into the cart."""
        self._tell("query", (5, 40), question)
        seen = page[: self._depth(len(page))]
        for position, place in enumerate(seen, start=1):
            self._tell("impression", (0.1, 0.5), question | _product(place.variants[0], position))
        for position, place in self._wanted(seen):
            self._open(question, position, place)

    def order(self) -> None:
        """Everything in the cart, at once."""
        for number, kept in enumerate(self.cart):
            self._tell("order", (0.1, 0.5) if number else (40, 200), kept)

    def _open(self, question: Record, position: int, place: Place) -> None:
        """Click what is shown, then turn to the variant that suits best."""
        self._tell("click", (3, 25), question | _product(place.variants[0], position))
        chosen = max(place.variants, key=self._liking)
        if chosen is not place.variants[0]:
            self._tell("view", (11, 30), question | _product(chosen, position))
        if chosen.in_stock and self.chance.random() < _CARTS[place.gain]:
            self.cart.append(question | _product(chosen, position))
            self._tell("cart", (10, 90), self.cart[-1])

    def _depth(self, length: int) -> int:
        depth = min(_SEEN_AT_LEAST, length)
        while depth < length and self.chance.random() < _READS_ON:
            depth += 1
        return depth

    def _wanted(self, seen: Page) -> list[tuple[int, Place]]:
        """One or two places with their positions, the one worth most first."""
        worth = [place.gain + max(map(self._liking, place.variants)) + _NOISE * gumbel(self.chance) for place in seen]
        ranked = sorted(range(len(seen)), key=lambda row: -worth[row])
        return [(row + 1, seen[row]) for row in ranked[: int(between(*_CLICKS, self.chance))]]

    def _liking(self, variant: Variant) -> float:
        return self.shopper.taste.worth(variant.traits, variant.dearness)

    def _tell(self, kind: str, seconds: tuple[float, float], more: Record) -> None:
        """Note what is done after so many seconds."""
        self.time += between(*seconds, self.chance) * 1000
        told = {"id": f"{self.session}-{len(self.told) + 1}", "kind": kind, "time": int(self.time)}
        self.told.append(told | {"shopper": self.shopper.id, "session": self.session, "source": "search"} | more)


def _product(variant: Variant, position: int) -> Record:
    return {"product_id": variant.id, "position": position, "price": variant.price, "currency": variant.currency}
