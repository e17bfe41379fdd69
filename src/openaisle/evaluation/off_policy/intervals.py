"""How sure an off-policy estimate is: by the normal curve, or by drawing the decisions again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from openaisle.evaluation.off_policy.decisions import Values
from openaisle.evaluation.off_policy.terms import Terms
from openaisle.evaluation.statistics import Estimate

_CERTAINTY = 1.959964
_DRAWS_AT_ONCE = 4_000_000


class Interval(Protocol):
    def of(self, terms: Terms, rewards: Values) -> tuple[Estimate, Estimate]:
        """The policy's value, and its gain on the logged policy's mean reward, each with its 95 % interval."""
        ...


@dataclass(frozen=True, slots=True)
class Normal:
    """By the variance of the influence: right for many decisions of which none weighs much."""

    def of(self, terms: Terms, rewards: Values) -> tuple[Estimate, Estimate]:
        influence = terms.influence
        logged = float(rewards.mean())
        gain = influence - (rewards - logged)
        return _around(terms.value, influence), _around(terms.value - logged, gain)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Percentiles over resampled decisions (Efron, 1979)."""

    resamples: int = 1_000
    seed: int = 20_240_229

    def of(self, terms: Terms, rewards: Values) -> tuple[Estimate, Estimate]:
        values, gains = [], []
        for rows in self._draws(rewards.size):
            whole = terms.denominators[rows].sum(axis=1)
            value = np.divide(terms.numerators[rows].sum(axis=1), whole, out=np.zeros_like(whole), where=whole > 0)
            values.append(value)
            gains.append(value - rewards[rows].mean(axis=1))
        value = terms.value
        return _between(value, np.concatenate(values)), _between(value - float(rewards.mean()), np.concatenate(gains))

    def _draws(self, count: int) -> Iterator[np.ndarray]:
        generator = np.random.default_rng(self.seed)
        most = max(1, _DRAWS_AT_ONCE // count)
        for start in range(0, self.resamples, most):
            yield generator.integers(0, count, size=(min(most, self.resamples - start), count))


def _around(value: float, influence: Values) -> Estimate:
    count = influence.size
    half = _CERTAINTY * math.sqrt(float(influence @ influence) / (count - 1) / count) if count > 1 else math.inf
    return Estimate(value, value - half, value + half)


def _between(value: float, drawn: Values) -> Estimate:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(value, float(low), float(high))
