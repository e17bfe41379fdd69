"""A profile held against what is usual: how much more than others a shopper goes for each trait.

For every trait the taste is the logarithm of how much interest the shopper showed in it over how much would be expected
of a shopper without taste who looks at the same categories, both with a few acts added, so that little says little
(the shrinkage that a Gamma prior gives a Poisson rate). The evidence of a product adds up what its brand, category,
price level, attributes and vector say, as naive Bayes does; a field in which the shopper has no taste says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.protocol import Scores
from openaisle.profiles.background import LEVELS, Background
from openaisle.profiles.facts import BETWEEN, BRAND, CATEGORY, PRICE, Trait
from openaisle.profiles.interests import Vector
from openaisle.profiles.profile import Profile

Name = TypeVar("Name", str, Trait)

VISIT = 1.0
"""How much an act of this visit counts besides its lasting interest."""
WEIGHTS: Mapping[str, float] = {BRAND: 1.0, CATEGORY: 0.5, PRICE: 1.0, "attributes": 1.0, "likeness": 0.25}
"""How much each kind of evidence counts. Chosen on simulated shoppers other than those that are reported."""
_ADDED = 3.0
"""Weight of acts that is added to what was seen and to what is expected."""
_MOST = 2.0
"""No trait says more than this, for or against: about e² times as likely."""
_CATEGORIES = 12
"""Categories, those looked at most, that say what is to be expected."""
_NEIGHBOUR = 0.5
"""What interest in a price level says of the next one, up or down."""
_SURE = 10.0
"""Weight of acts from which likeness counts half."""
_FEWEST_COMPARED = 8
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True, slots=True)
class Direction:
    """A unit vector, the mean and standard deviation of the cosines that products at large have with it, and how much
    it may say, 0 to 1."""

    vector: Vector
    mean: float
    spread: float
    trust: float

    def evidence(self, cosines: Scores) -> NDArray[np.float64]:
        """What likeness says for or against products: how far their cosines lie above the usual. 0 where NaN."""
        told = (cosines.astype(np.float64) - self.mean) / self.spread
        return WEIGHTS["likeness"] * self.trust * np.clip(np.nan_to_num(told), -_MOST, _MOST)


@dataclass(frozen=True, slots=True)
class Taste:
    """`weights` are the shopper's interest by trait, `masses` by field; `categories` are shares of it. `direction` is
    that of the vectors of what was seen, None without any."""

    weights: Mapping[Trait, float]
    masses: Mapping[str, float]
    categories: Mapping[str, float]
    background: Background
    direction: Direction | None
    _known: dict[Trait, float] = field(default_factory=dict)

    def lift(self, trait: Trait) -> float:
        """Above 0 for what the shopper goes for, below for what they pass by."""
        lift = self._known.get(trait)
        if lift is None:
            lift = self._known[trait] = self._lift(trait)
        return lift

    def evidence(self, traits: Sequence[Trait]) -> float:
        """What a product's traits say for it (above 0) or against it, without its vector."""
        by_field: dict[str, list[float]] = {}
        for trait in traits:
            if trait[0] in self.masses:
                by_field.setdefault(trait[0], []).append(self.lift(trait))
        told = sum(WEIGHTS[name] * _mean(by_field.pop(name, ())) for name in (BRAND, CATEGORY, PRICE))
        own = [_mean(lifts) for lifts in by_field.values()]
        return told + WEIGHTS["attributes"] * sum(own) / math.sqrt(len(own) or 1)

    def _lift(self, trait: Trait) -> float:
        usual = sum(share * self.background.share(trait, name) for name, share in self.categories.items())
        expected = self.masses[trait[0]] * usual
        lift = math.log((self.weights.get(trait, 0.0) + _ADDED) / (expected + _ADDED))
        return max(-_MOST, min(_MOST, lift))


def taste_of(profile: Profile, background: Background) -> Taste:
    weights = _joined(profile.lasting.weights, profile.visit.weights)
    masses = _joined(profile.lasting.masses, profile.visit.masses)
    weights |= _levels(weights)
    direction = _direction(profile, masses, background.vectors)
    return Taste(weights, masses, _categories(weights), background, direction)


def _joined(lasting: Mapping[Name, float], visit: Mapping[Name, float]) -> dict[Name, float]:
    joined = dict(lasting)
    for name, weight in visit.items():
        joined[name] = joined.get(name, 0.0) + VISIT * weight
    return joined


def _categories(weights: Mapping[Trait, float]) -> dict[str, float]:
    """Shares of interest by whole path, of the largest; all of it in none where products have no category."""
    own = {value: weight for (name, value), weight in weights.items() if name == CATEGORY}
    for path in sorted(own, key=len, reverse=True):  # what belongs to a deeper step is not the upper one's
        above = path.rpartition(BETWEEN)[0]
        if above in own:
            own[above] -= weights[CATEGORY, path]
    own = {path: weight for path, weight in own.items() if weight > _LEAST_SPREAD}
    most = sorted(own, key=lambda name: -own[name])[:_CATEGORIES]
    total = sum(own[name] for name in most)
    return {name: own[name] / total for name in most} if total > 0 else {"": 1.0}


def _levels(weights: Mapping[Trait, float]) -> dict[Trait, float]:
    """Interest by price level, some of each in the next ones, which lie beside it; the sum stays."""
    levels = np.array([weights.get((PRICE, str(level)), 0.0) for level in range(1, LEVELS + 1)])
    if not levels.any():
        return {}
    reach = np.full(LEVELS, 1 + 2 * _NEIGHBOUR)  # what each level gets of interest that is the same in all of them
    reach[[0, -1]] = 1 + _NEIGHBOUR
    spread = levels.copy()
    spread[1:] += _NEIGHBOUR * levels[:-1]
    spread[:-1] += _NEIGHBOUR * levels[1:]
    spread *= levels.sum() / (spread / reach).sum() / reach
    return {(PRICE, str(level)): float(weight) for level, weight in enumerate(spread, 1)}


def _direction(profile: Profile, masses: Mapping[str, float], usual: Vector) -> Direction | None:
    parts = [part for part in (profile.lasting.vector, profile.visit.vector) if part is not None]
    if not parts or any(part.shape != usual.shape[1:] for part in parts) or len(usual) < _FEWEST_COMPARED:
        return None
    summed: NDArray[np.float64] = np.sum(parts, axis=0, dtype=np.float64)
    length = float(np.linalg.norm(summed))
    if not math.isfinite(length) or length < 1e-9:
        return None
    vector: Vector = np.asarray(summed / length, np.float32)
    cosines = usual @ vector
    mass = max(masses.values(), default=0.0)
    spread = max(float(cosines.std()), _LEAST_SPREAD)
    return Direction(vector, float(cosines.mean()), spread, mass / (mass + _SURE))


def _mean(lifts: Sequence[float]) -> float:
    return sum(lifts) / len(lifts) if lifts else 0.0
