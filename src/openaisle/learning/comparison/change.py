"""One metric before and after: how far apart, how surely, and on which examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np

from openaisle.evaluation.statistics import Estimate, bootstrap, randomization_test
from openaisle.learning.comparison.evidence import Evidence, Mean
from openaisle.learning.comparison.outcomes import Floats

SIGNIFICANT = 0.05
_TIE = 1e-9
_RESAMPLES = 1_000
_SWAPS = 2_000
_SEED = 20_240_229

Known = TypeVar("Known", bound=Evidence)


@dataclass(frozen=True, slots=True)
class ExampleChange:
    """An example (by its place in the test split) and its value before and after."""

    place: int
    text: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class MetricChange:
    """`difference` is after minus before. `wins` and `losses` are examples, the largest change first; `examples` counts
    those that have a value."""

    metric: str
    before: Estimate
    after: Estimate
    difference: Estimate
    p_value: float
    lower_is_better: bool
    examples: int
    wins: tuple[ExampleChange, ...] = ()
    losses: tuple[ExampleChange, ...] = ()
    ties: int = 0

    @property
    def improvement(self) -> float:
        """How much better the metric got, whichever way is better."""
        return -self.difference.mean if self.lower_is_better else self.difference.mean

    @property
    def significant(self) -> bool:
        """Whether chance alone would give so large a difference less than once in twenty."""
        return self.p_value < SIGNIFICANT

    @property
    def verdict(self) -> str:
        """Better, worse, or not to be told apart."""
        if not self.significant:
            return "no clear difference"
        return "better" if self.improvement > 0 else "worse"

    def as_dict(self) -> dict[str, Any]:
        return {
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "difference": self.difference.as_dict(),
            "p_value": self.p_value,
            "significant": self.significant,
            "verdict": self.verdict,
            "lower_is_better": self.lower_is_better,
            "examples": self.examples,
            "wins": len(self.wins),
            "losses": len(self.losses),
            "ties": self.ties,
        }

    @classmethod
    def from_dict(cls, metric: str, saved: Mapping[str, Any]) -> Self:
        """What `as_dict` told, without the single examples. Raises KeyError, TypeError or ValueError."""
        return cls(
            metric=metric,
            before=_read(saved["before"]),
            after=_read(saved["after"]),
            difference=_read(saved["difference"]),
            p_value=float(saved["p_value"]),
            lower_is_better=bool(saved["lower_is_better"]),
            examples=int(saved["examples"]),
            ties=int(saved["ties"]),
        )


def _read(saved: Mapping[str, Any]) -> Estimate:
    return Estimate(float(saved["mean"]), float(saved["low"]), float(saved["high"]))


def change(metric: str, before: Known, after: Known, texts: Sequence[str], lower_is_better: bool) -> MetricChange:
    """Both models by one metric on all examples, with what happened to each of `texts`."""
    old, new = before.per_example(), after.per_example()
    known = ~(np.isnan(old) | np.isnan(new))
    places = np.flatnonzero(known)
    moved = [ExampleChange(place, texts[place], float(old[place]), float(new[place])) for place in places.tolist()]
    better = -1 if lower_is_better else 1
    moved.sort(key=lambda each: (-abs(each.difference), each.place))
    wins = tuple(each for each in moved if better * each.difference > _TIE)
    losses = tuple(each for each in moved if better * each.difference < -_TIE)
    measured = (before.part(places), after.part(places)) if isinstance(before, Mean) else (before, after)
    estimates = compare_evidence(*measured)
    examples = len(places) if isinstance(before, Mean) else len(texts)
    return MetricChange(
        metric, *estimates, lower_is_better, examples, wins, losses, len(moved) - len(wins) - len(losses)
    )


def compare_evidence(before: Known, after: Known) -> tuple[Estimate, Estimate, Estimate, float]:
    """Before, after, their difference and its p-value.

    Means by the bootstrap and the sign-flip test of the evaluation room; other figures by resampling examples and by
    swapping the two models' answers example by example (approximate randomisation; Noreen, 1989, Yeh, 2000).
    """
    size = before.per_example().size
    if isinstance(before, Mean) and isinstance(after, Mean):
        known = ~(np.isnan(before.values) | np.isnan(after.values))
        old, new = before.values[known], after.values[known]
        return bootstrap(old), bootstrap(new), bootstrap(new - old), randomization_test(new - old)
    if size == 0:
        nothing = Estimate(0.0, 0.0, 0.0)
        return nothing, nothing, nothing, 1.0
    return (*_resampled(before, after, size), _swap_test(before, after, size))


def _resampled(before: Known, after: Known, size: int) -> tuple[Estimate, Estimate, Estimate]:
    """Both on the same resamples, so that the difference is a paired one."""
    generator = np.random.default_rng(_SEED)
    drawn = [np.arange(size), *(generator.integers(0, size, size) for _ in range(_RESAMPLES))]
    old, new = (np.array([each.of(chosen) for chosen in drawn]) for each in (before, after))
    return _estimate(old), _estimate(new), _estimate(new - old)


def _estimate(figures: Floats) -> Estimate:
    """The first is the figure itself, the others are of resamples."""
    low, high = np.percentile(figures[1:], [2.5, 97.5])
    return Estimate(float(figures[0]), float(low), float(high))


def _swap_test(before: Known, after: Known, size: int) -> float:
    generator, everything = np.random.default_rng(_SEED), np.arange(size)
    observed = abs(after.of(everything) - before.of(everything)) - _TIE
    extreme = 0
    for _ in range(_SWAPS):
        taken = generator.random(size) < 0.5
        one, other = before.swapped(after, taken), after.swapped(before, taken)
        extreme += abs(other.of(everything) - one.of(everything)) >= observed
    return (extreme + 1) / (_SWAPS + 1)
