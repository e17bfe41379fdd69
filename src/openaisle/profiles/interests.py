"""Interest that fades: weights by trait and a mean vector, each halved in every half-life.

Weights are kept as of a landmark in time and grow with the time of what is added, instead of all shrinking as time
passes. So an event costs the same whatever came before, and a late one counts as if it had come in time (Cormode,
Shkapenyuk, Srivastava and Xu, "Forward decay: a practical time decay model for streaming systems", 2009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from openaisle.profiles.facts import Trait

Vector = NDArray[np.float32]

MOST_TRAITS = 256
"""Traits that are kept, the strongest, whenever there are twice as many."""
_FURTHEST = 64.0
"""Half-lives from the landmark after which it is moved, long before weights outgrow a float."""
_FORGOTTEN = 1e-3


@dataclass(frozen=True, slots=True)
class Reading:
    """Interests at one moment. `weights` are by trait, `masses` by field what all that said something in it weighs;
    `vector` is the sum of what was seen by its weights, None without any."""

    weights: Mapping[Trait, float] = field(default_factory=dict)
    masses: Mapping[str, float] = field(default_factory=dict)
    vector: Vector | None = None


class Interests:
    """Not safe for several threads at once."""

    __slots__ = ("_half_life", "_landmark", "_masses", "_vector", "_weights")

    def __init__(self, half_life_ms: float) -> None:
        self._half_life = half_life_ms
        self._landmark: int | None = None
        self._weights: dict[Trait, float] = {}
        self._masses: dict[str, float] = {}
        self._vector: NDArray[np.float64] | None = None

    def add(self, traits: Sequence[Trait], vector: Vector | None, weight: float, time: int) -> None:
        """Count what was done at `time` (milliseconds since 1970); a negative weight takes interest back."""
        grown = weight * self._growth(time)
        for trait in traits:
            self._weights[trait] = self._weights.get(trait, 0.0) + grown
        for name in {name for name, _ in traits}:
            self._masses[name] = self._masses.get(name, 0.0) + grown
        if len(self._weights) > 2 * MOST_TRAITS:
            self._keep_strongest()
        if vector is not None and bool(np.isfinite(vector).all()):
            self._add_vector(vector, grown)

    def at(self, now: int) -> Reading:
        if self._landmark is None:
            return Reading()
        fading = 2.0 ** -min(max((now - self._landmark) / self._half_life, -_FURTHEST), 1000.0)
        weights = {trait: faded for trait, weight in self._weights.items() if (faded := weight * fading) > _FORGOTTEN}
        masses = {name: faded for name, mass in self._masses.items() if (faded := mass * fading) > _FORGOTTEN}
        vector = None if self._vector is None or not weights else (self._vector * fading).astype(np.float32)
        return Reading(weights, masses, vector)

    def _growth(self, time: int) -> float:
        if self._landmark is None:
            self._landmark = time
        ahead = (time - self._landmark) / self._half_life
        if ahead > _FURTHEST:
            self._move_landmark(time, 2.0 ** -min(ahead, 1000.0))
            return 1.0
        return float(2.0 ** max(ahead, -1000.0))

    def _move_landmark(self, time: int, fading: float) -> None:
        self._landmark = time
        self._weights = {trait: faded for trait, weight in self._weights.items() if (faded := weight * fading) > 0.0}
        self._masses = {name: mass * fading for name, mass in self._masses.items()}
        if self._vector is not None:
            self._vector *= fading

    def _add_vector(self, vector: Vector, grown: float) -> None:
        if self._vector is None or self._vector.shape != vector.shape:  # another encoder's vectors do not add
            self._vector = np.zeros(vector.shape)
        if isfinite(grown):
            self._vector += grown * vector

    def _keep_strongest(self) -> None:
        self._weights = dict(nlargest(MOST_TRAITS, self._weights.items(), key=lambda item: item[1]))
