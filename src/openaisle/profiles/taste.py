"""A profile held against what is usual: how much more than others a shopper goes for each trait.

For every trait the taste is the logarithm of its share in the shopper's interest over its share in the departments
that the shopper visits, as if a few more acts without any taste had been seen. The evidence of a product adds up what
its brand, category, price level, attributes and vector say, as naive Bayes does, so that a field in which the shopper
has no taste says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.protocol import Scores
from openaisle.profiles.background import LEVELS, Background
from openaisle.profiles.facts import BETWEEN, BRAND, CATEGORY, PRICE, Trait
from openaisle.profiles.interests import Reading, Vector
from openaisle.profiles.profile import Profile

VISIT = 1.0
"""How much an act of this visit counts besides its lasting interest."""
_SMOOTHING = 10.0
"""Weight of the acts of a shopper without taste that stand beside the real ones."""
_MOST = 2.0
"""No trait says more than this, for or against: about e² times as likely."""
_FEWEST_COMPARED = 8
_LEAST_SPREAD = 1e-3
_NEIGHBOUR = 0.5
"""What interest in a price level says of the next one, up or down."""

Weights = Mapping[str, float]
WEIGHTS: Weights = {BRAND: 1.0, CATEGORY: 0.5, PRICE: 1.0, "attributes": 1.0, "likeness": 0.5}
"""How much each kind of evidence counts. Chosen on simulated shoppers other than those that are reported."""


@dataclass(frozen=True, slots=True)
class Direction:
    """A unit vector, and the mean and standard deviation of the cosines that products at large have with it."""

    vector: Vector
    mean: float
    spread: float

    def evidence(self, cosines: Scores) -> NDArray[np.float64]:
        """What likeness says for or against products: how far their cosines lie above the usual. 0 where NaN."""
        told = (cosines.astype(np.float64) - self.mean) / self.spread
        return WEIGHTS["likeness"] * np.clip(np.nan_to_num(told), -_MOST, _MOST)


@dataclass(frozen=True, slots=True)
class Taste:
    """`lifts` are by trait that the shopper showed interest in; `unseen` by field for every other value of it;
    `direction` is that of the vectors of what was seen, None without any."""

    lifts: Mapping[Trait, float]
    unseen: Mapping[str, float]
    direction: Direction | None

    def evidence(self, traits: Sequence[Trait]) -> float:
        """What a product's traits say for it (above 0) or against it, without its vector."""
        by_field: dict[str, list[float]] = {}
        for trait in traits:
            lift = self.lifts.get(trait)
            if lift is None:
                lift = self.unseen.get(trait[0])
            if lift is not None:
                by_field.setdefault(trait[0], []).append(lift)
        own = [sum(lifts) / len(lifts) for field, lifts in by_field.items() if field not in (BRAND, CATEGORY, PRICE)]
        told = sum(WEIGHTS[field] * _mean(by_field.get(field, ())) for field in (BRAND, CATEGORY, PRICE))
        return told + WEIGHTS["attributes"] * sum(own) / math.sqrt(len(own) or 1)


def taste_of(profile: Profile, background: Background) -> Taste:
    weights, masses = _joined(profile.lasting, profile.visit)
    departments = _departments(weights)
    lifts = {}
    for trait, weight in weights.items():
        if trait[0] == PRICE:
            continue
        usual = sum(share * background.share(trait, name) for name, share in departments.items())
        lifts[trait] = _lift(weight, masses.get(trait[0], weight), usual)
    lifts |= _price_lifts(weights, masses.get(PRICE, 0.0))
    unseen = {field: _bounded(math.log(_SMOOTHING / (mass + _SMOOTHING))) for field, mass in masses.items()}
    return Taste(lifts, unseen, _direction(profile, background.vectors))


def _joined(lasting: Reading, visit: Reading) -> tuple[dict[Trait, float], dict[str, float]]:
    weights, masses = dict(lasting.weights), dict(lasting.masses)
    for trait, weight in visit.weights.items():
        weights[trait] = weights.get(trait, 0.0) + VISIT * weight
    for field, mass in visit.masses.items():
        masses[field] = masses.get(field, 0.0) + VISIT * mass
    return weights, masses


def _departments(weights: Mapping[Trait, float]) -> dict[str, float]:
    """Shares of interest by department; all of it in none where products have no category."""
    own = {value: weight for (field, value), weight in weights.items() if field == CATEGORY and BETWEEN not in value}
    total = sum(own.values())
    return {name: weight / total for name, weight in own.items()} if total > 0 else {"": 1.0}


def _price_lifts(weights: Mapping[Trait, float], mass: float) -> dict[Trait, float]:
    """Levels lie beside each other: interest in one is some in the next."""
    if mass <= 0:
        return {}
    levels = np.array([weights.get((PRICE, str(level)), 0.0) for level in range(1, LEVELS + 1)])
    spread = levels.copy()
    spread[1:] += _NEIGHBOUR * levels[:-1]
    spread[:-1] += _NEIGHBOUR * levels[1:]
    reach = np.full(LEVELS, 1 + 2 * _NEIGHBOUR)  # what each level gets of interest that is the same in all of them
    reach[[0, -1]] = 1 + _NEIGHBOUR
    shares = spread / reach / max(float((spread / reach).sum()), 1e-9)
    return {
        (PRICE, str(level)): _lift(float(share) * mass, mass, 1 / LEVELS)
        for level, share in zip(range(1, LEVELS + 1), shares, strict=True)
    }


def _lift(weight: float, mass: float, usual: float) -> float:
    return _bounded(math.log((weight + _SMOOTHING * usual) / ((max(mass, weight) + _SMOOTHING) * usual)))


def _bounded(lift: float) -> float:
    return max(-_MOST, min(_MOST, lift))


def _direction(profile: Profile, usual: Vector) -> Direction | None:
    parts = [part for part in (profile.lasting.vector, profile.visit.vector) if part is not None]
    if not parts or any(part.shape != usual.shape[1:] for part in parts) or len(usual) < _FEWEST_COMPARED:
        return None
    summed = np.sum(parts, axis=0, dtype=np.float64)
    length = float(np.linalg.norm(summed))
    if not math.isfinite(length) or length < 1e-9:
        return None
    vector: Vector = (summed / length).astype(np.float32)
    cosines = usual @ vector
    return Direction(vector, float(cosines.mean()), max(float(cosines.std()), _LEAST_SPREAD))


def _mean(lifts: Sequence[float]) -> float:
    return sum(lifts) / len(lifts) if lifts else 0.0
