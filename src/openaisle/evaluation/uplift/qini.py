"""The Qini curve: what treating the units with the highest scores first would have brought (Radcliffe, 2007)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.evaluation.statistics import Estimate
from openaisle.evaluation.table import Numbers
from openaisle.evaluation.uplift.trial import Trial

_POINTS = 101


@dataclass(frozen=True, slots=True)
class Qini:
    """`shares` of the units treated, best first, and the `gains` in outcome per unit of the whole trial.

    `coefficient` is the area between the curve and the straight line to its end, which scoring by chance follows, with
    its 95 % interval: what the order is worth in outcome per unit, averaged over all shares that one might treat.
    """

    shares: tuple[float, ...]
    gains: tuple[float, ...]
    coefficient: Estimate

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def qini(scores: Numbers, trial: Trial, resamples: int = 1_000, seed: int = 20_240_229) -> Qini:
    """The curve of the scores (n) on units that they were not learned from; the bootstrap draws units of each side."""
    ordered = _Ordered.by(scores, trial)
    shares, gains = ordered.curve(np.ones(len(trial)))
    value = _area(shares, gains)
    generator = np.random.default_rng(seed)
    drawn = [_area(*ordered.curve(ordered.drawn(generator))) for _ in range(resamples)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    grid = np.linspace(0, 1, _POINTS)
    told = np.interp(grid, shares, gains)
    return Qini(tuple(grid.tolist()), tuple(told.tolist()), Estimate(value, float(low), float(high)))


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A trial by falling score; `ends` are the last rows of equal scores, between which the order means nothing."""

    treated: NDArray[np.bool_]
    outcomes: Numbers
    ends: NDArray[np.int64]

    @classmethod
    def by(cls, scores: Numbers, trial: Trial) -> _Ordered:
        order = np.argsort(-scores, kind="stable")
        falling = scores[order]
        ends = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))
        return cls(trial.treated[order], trial.outcomes[order], ends)

    def drawn(self, generator: np.random.Generator) -> Numbers:
        """How often each unit is drawn; each side keeps its size."""
        counts = np.empty(self.treated.size)
        for side in (self.treated, ~self.treated):
            size = int(side.sum())
            counts[side] = np.bincount(generator.integers(0, size, size), minlength=size)
        return counts

    def curve(self, counts: Numbers) -> tuple[Numbers, Numbers]:
        """Shares treated and gains, from (0, 0), with each unit counted so often."""
        treated, control = counts * self.treated, counts * ~self.treated
        many, few = treated.cumsum()[self.ends], control.cumsum()[self.ends]
        bought = (treated * self.outcomes).cumsum()[self.ends]
        anyway = (control * self.outcomes).cumsum()[self.ends]
        matched = np.divide(anyway * many, few, out=np.zeros_like(anyway), where=few > 0)
        shares = (many + few) / counts.sum()
        return np.append(0.0, shares), np.append(0.0, (bought - matched) / many[-1])


def _area(shares: Numbers, gains: Numbers) -> float:
    return float(np.trapezoid(gains, shares)) - float(gains[-1]) / 2
