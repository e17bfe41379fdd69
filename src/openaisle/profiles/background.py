"""What is usual in the catalogue: without it, a shopper who looks at black things where most are black has a taste."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openaisle.profiles.facts import BETWEEN, CATEGORY, PRICE, Facts, Trait
from openaisle.profiles.interests import Vector

LEVELS = 5
"""Price levels of a kind of goods, from the cheapest fifth (1) to the dearest (5)."""
_FEWEST_PRICES = 10
"""Products of a category from which its price levels are told; those of fewer are the levels of the step above."""
_SMOOTHING = 20.0
"""Products that a department must have before its own shares count as much as those of the whole catalogue."""


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
    """Shares in the whole catalogue and by department (the first step of the path), the bounds of price levels by
    category path, and vectors of some products, `(n, dimensions)`."""

    whole: Shares
    departments: Mapping[str, Shares]
    bounds: Mapping[str, Sequence[float]]
    vectors: Vector

    def share(self, trait: Trait, department: str) -> float:
        """How usual a trait is in a department. Departments have categories of their own, and price levels are by their
        meaning equally frequent."""
        if trait[0] == PRICE:
            return 1.0 / LEVELS
        usual = self.whole.share(trait)
        own = self.departments.get(department)
        if own is None or trait[0] == CATEGORY:
            return usual
        return (own.traits.get(trait, 0) + _SMOOTHING * usual) / (own.fields.get(trait[0], 0) + _SMOOTHING)

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
    by_department: dict[str, list[Facts]] = {}
    prices: dict[str, list[float]] = {}
    for facts in every:
        by_department.setdefault(facts.path.partition(BETWEEN)[0], []).append(facts)
        if facts.price is not None:
            for path in ("", *(value for field, value in facts.traits if field == CATEGORY)):
                prices.setdefault(path, []).append(facts.price)
    departments = {name: _shares(own) for name, own in by_department.items() if name}
    bounds = {path: bounds for path, own in prices.items() if (bounds := _bounds(own))}
    return Background(_shares(every), departments, bounds, vectors)


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
