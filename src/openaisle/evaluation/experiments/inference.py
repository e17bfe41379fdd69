"""How far an estimate may be from the truth: at one fixed look, or at every look."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

_NORMAL = NormalDist()
_FIRST_LOOK = 100
"""Units of the smaller variant below which a sequential analysis says nothing: its guarantee is asymptotic."""


class Inference(Protocol):
    @property
    def name(self) -> str: ...

    def reach(self, units: int, smallest: int) -> float:
        """Half the interval's width in standard errors; `units` in both variants, `smallest` in the smaller one."""
        ...

    def p_value(self, z: float, units: int, smallest: int) -> float:
        """Two-sided; `z` is the difference in standard errors."""
        ...


@dataclass(frozen=True, slots=True)
class FixedHorizon:
    """The z-test of large samples: valid if one looks once, at a size fixed in advance."""

    alpha: float = 0.05
    name: str = "fixed"

    def reach(self, units: int, smallest: int) -> float:
        return _NORMAL.inv_cdf(1 - self.alpha / 2)

    def p_value(self, z: float, units: int, smallest: int) -> float:
        return math.erfc(abs(z) / math.sqrt(2))


@dataclass(frozen=True, slots=True)
class AlwaysValid:
    """Valid however often one looks and whenever one stops.

    The mixture sequential probability ratio test with a normal mixture (Robbins, 1970; Johari, Koomen, Pekelis and
    Walsh, 2017) on estimated variances, which is the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha,
    Kennedy and Ramdas (2021, theorem 2.2). The mixture is tuned to be tightest at `planned` units, which must not
    depend on the data.
    """

    alpha: float = 0.05
    planned: int = 10_000
    name: str = "sequential"

    def reach(self, units: int, smallest: int) -> float:
        if smallest < _FIRST_LOOK:
            return math.inf
        gain = self._gain(units)
        return math.sqrt((1 + 1 / gain) * (math.log1p(gain) - 2 * math.log(self.alpha)))

    def p_value(self, z: float, units: int, smallest: int) -> float:
        if smallest < _FIRST_LOOK:
            return 1.0
        gain = self._gain(units)
        return math.exp(min(0.0, 0.5 * (math.log1p(gain) - z * z * gain / (1 + gain))))

    def _gain(self, units: int) -> float:
        """The mixture's variance over the estimate's, for this many units."""
        tail = -2 * math.log(self.alpha)
        return (tail + math.log1p(tail)) * units / self.planned
