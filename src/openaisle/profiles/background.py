"""What is usual in the catalogue: without it, a shopper who looks at black things where most are black has a taste."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from openaisle.profiles.facts import BETWEEN, CATEGORY, PRICE, Facts, Trait
from openaisle.profiles.interests import Vector

LEVELS = 5
"""Price levels of a kind of goods, from the cheapest fifth (1) to the dearest (5)."""
_FEWEST_PRICES = 10
"""Products of a category from which its price levels are told; those of fewer are the levels of the step above."""
_MOST_KNOWN = 200_000
"""Shares that are kept once they were asked for."""
_SMOOTHING = 5.0
"""Products that a category must have before its own shares count as much as those of the step above."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How many products there are, how many say something in a field, and how many have a trait."""

    products: int
    fields: Mapping[str, int]
    traits: Mapping[Trait, int]

    def share(self, trait: Trait) -> float:
        """Of the products that say something in the trait's field; above 0, and below 1."""
        return (self.traits.get(trait, 0) + 0.5) / (self.fields.get(trait[0], 0) + 1.0)


@dataclass(frozen=True, slots=True)
class Background:
    """Shares by category path, "" for the whole catalogue, the bounds of price levels likewise, and vectors of some
    products, `(n, dimensions)`."""

    categories: Mapping[str, Shares]
    bounds: Mapping[str, Sequence[float]]
    vectors: Vector
    _known: dict[tuple[Trait, str], float] = field(default_factory=dict)

    def share(self, trait: Trait, path: str) -> float:
        """How usual a trait is in a category. Categories are compared in the whole catalogue, and price levels are by
        their meaning equally frequent."""
        known = self._known.get((trait, path))
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[trait, path] = self._share(trait, path)
        return known

    def _share(self, trait: Trait, path: str) -> float:
        if trait[0] == PRICE:
            return 1.0 / LEVELS
        share = self.categories[""].share(trait)
        if trait[0] == CATEGORY or not path:
            return share
        steps = path.split(BETWEEN)
        for depth in range(1, len(steps) + 1):
            own = self.categories.get(BETWEEN.join(steps[:depth]))
            if own is None:
                break
            share = (own.traits.get(trait, 0) + _SMOOTHING * share) / (own.fields.get(trait[0], 0) + _SMOOTHING)
        return share

    def traits(self, facts: Facts) -> tuple[Trait, ...]:
        """A product's traits with its price level among its like."""
        level = self.level(facts)
        return facts.traits if level is None else (*facts.traits, (PRICE, str(level)))

    def level(self, facts: Facts) -> int | None:
        """From 1, cheap for what it is, to `LEVELS`; None where there is no price, or too little to compare with."""
        if facts.price is None:
            return None
        path = facts.path
        while True:
            if (bounds := self.bounds.get(path)) is not None:
                return 1 + bisect_right(bounds, facts.price)
            if not path:
                return None
            path = path.rpartition(BETWEEN)[0]


def background_of(sample: Iterable[Facts], vectors: Vector) -> Background:
    """From all products, or evenly chosen ones; `vectors` are those of some, without NaN."""
    every = list(sample)
    by_path: dict[str, list[Facts]] = {"": every}
    for facts in every:
        for name, path in facts.traits:
            if name == CATEGORY:
                by_path.setdefault(path, []).append(facts)
    prices = {path: [facts.price for facts in own if facts.price is not None] for path, own in by_path.items()}
    bounds = {path: bounds for path, own in prices.items() if (bounds := _bounds(own))}
    return Background({path: _shares(own) for path, own in by_path.items()}, bounds, vectors)


def _shares(every: Sequence[Facts]) -> Shares:
    fields: Counter[str] = Counter()
    traits: Counter[Trait] = Counter()
    for facts in every:
        traits.update(facts.traits)
        fields.update({field for field, _ in facts.traits})
    return Shares(len(every), fields, traits)


def _bounds(prices: Sequence[float]) -> tuple[float, ...]:
    """Between the levels; none where most cost the same."""
    if len(prices) < _FEWEST_PRICES:
        return ()
    bounds = np.quantile(prices, np.arange(1, LEVELS) / LEVELS).tolist()
    return tuple(bounds) if len(set(bounds)) == len(bounds) else ()
