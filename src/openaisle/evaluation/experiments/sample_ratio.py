"""Sample ratio mismatch: whether the variants hold as many units as their weights promise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_ALARM = 0.001
"""Below this p-value the assignment or the log is broken (Fabijan et al., Diagnosing Sample Ratio Mismatch, 2019)."""


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Units counted and expected by variant, and the p-value of the chi-square test of fit."""

    counted: Mapping[str, int]
    expected: Mapping[str, float]
    p_value: float

    @property
    def mismatch(self) -> bool:
        return self.p_value < _ALARM

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "mismatch": self.mismatch}


def sample_ratio(counted: Mapping[str, int], weights: Mapping[str, float]) -> SampleRatio:
    """Both by variant, with the same names."""
    share = sum(counted.values()) / sum(weights.values())
    expected = {name: share * weights[name] for name in counted}
    statistic = sum((counted[name] - value) ** 2 / value for name, value in expected.items() if value > 0)
    return SampleRatio(dict(counted), expected, chi_square_tail(statistic, len(counted) - 1))


def chi_square_tail(statistic: float, freedom: int) -> float:
    """The probability that chi-square with whole degrees of freedom exceeds `statistic`.

    By the recurrence of the upper incomplete gamma function in steps of one (Abramowitz and Stegun, 26.4.4 and 26.4.5).
    """
    half = statistic / 2
    if freedom < 1 or half <= 0:
        return 1.0
    shape = 0.5 if freedom % 2 else 1.0
    tail = math.erfc(math.sqrt(half)) if freedom % 2 else math.exp(-half)
    while shape < freedom / 2:
        tail += math.exp(shape * math.log(half) - half - math.lgamma(shape + 1))
        shape += 1
    return min(1.0, tail)
