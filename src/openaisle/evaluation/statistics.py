"""How sure a figure is: bootstrap intervals and a paired randomisation test, seeded and so repeatable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
"""One value per query."""

_RESAMPLES = 2_000
_PERMUTATIONS = 10_000
_SEED = 20_240_229
_DRAWS_AT_ONCE = 4_000_000
"""Bounds memory (32 MB of indices) whatever the number of queries."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over queries with its 95 % interval."""

    mean: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        return {"mean": self.mean, "low": self.low, "high": self.high}


def bootstrap(values: Values, resamples: int = _RESAMPLES, seed: int = _SEED) -> Estimate:
    """The mean with its percentile bootstrap interval (Efron, 1979) over queries; zeros when there are no queries."""
    if values.size == 0:
        return Estimate(0.0, 0.0, 0.0)
    generator = np.random.default_rng(seed)
    means = [
        values[generator.integers(0, values.size, size=(count, values.size))].mean(axis=1)
        for count in _blocks(resamples, values.size)
    ]
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return Estimate(float(values.mean()), float(low), float(high))


def randomization_test(differences: Values, permutations: int = _PERMUTATIONS, seed: int = _SEED) -> float:
    """Two-sided p-value of paired differences by random sign flips (Fisher; Smucker, Allan and Carterette, 2007)."""
    if differences.size == 0:
        return 1.0
    generator = np.random.default_rng(seed)
    # Rounding must not tell a permutation from the observation it equals.
    observed = abs(differences.sum()) - 1e-9
    extreme = 0
    for count in _blocks(permutations, differences.size):
        signs = generator.integers(0, 2, size=(count, differences.size), dtype=np.int8) * 2 - 1
        extreme += int((np.abs(signs @ differences) >= observed).sum())
    return (extreme + 1) / (permutations + 1)


def _blocks(total: int, width: int) -> Iterator[int]:
    most = max(1, _DRAWS_AT_ONCE // width)
    while total > 0:
        yield min(most, total)
        total -= most
