"""Before an experiment: how many units it takes, what it can see, and how likely it sees it. Two-sided z-tests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Design:
    """`deviation` is the metric's standard deviation over units, `share` the treatment's part of the units.

    `correlation` with a covariate measured before the experiment shrinks the deviation as CUPED does.
    """

    deviation: float
    alpha: float = 0.05
    share: float = 0.5
    correlation: float = 0.0

    @property
    def _spread(self) -> float:
        """Standard error of the difference times the square root of the units."""
        kept = math.sqrt(1 - self.correlation**2)
        return self.deviation * kept / math.sqrt(self.share * (1 - self.share))

    @property
    def _critical(self) -> float:
        return _NORMAL.inv_cdf(1 - self.alpha / 2)

    def units(self, effect: float, power: float = 0.8) -> int:
        """Units of both variants together at which a true difference of `effect` is seen with this probability."""
        return math.ceil(((self._critical + _NORMAL.inv_cdf(power)) * self._spread / effect) ** 2)

    def detectable(self, units: int, power: float = 0.8) -> float:
        """The difference that is seen with this probability."""
        return (self._critical + _NORMAL.inv_cdf(power)) * self._spread / math.sqrt(units)

    def power(self, effect: float, units: int) -> float:
        """The probability that a true difference of `effect` is seen, in either direction."""
        shift = abs(effect) * math.sqrt(units) / self._spread
        return _NORMAL.cdf(shift - self._critical) + _NORMAL.cdf(-shift - self._critical)


def rate_deviation(rate: float) -> float:
    """The standard deviation of a yes-or-no metric with this mean."""
    return math.sqrt(rate * (1 - rate))
