"""What a metric rests on, example by example, so that any resample or slice of the examples can be measured again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from openaisle.learning.comparison.outcomes import Floats

Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]
Average = Literal["micro_f1", "macro_f1", "precision", "recall"]


class Evidence(Protocol):
    """One model by one metric on n examples."""

    def of(self, chosen: Indices) -> float:
        """The metric on these examples (an example chosen twice counts twice); NaN on none."""

    def swapped(self, other: Self, taken: Mask) -> Self:
        """This evidence with the other's where `taken`, (n,)."""

    def part(self, chosen: Indices) -> Self:
        """The same of these examples alone, each at most once."""

    def per_example(self) -> Floats:
        """How well each example was done alone, (n,); NaN where that says nothing."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A metric that is the mean of a value an example, (n,); examples without a value (NaN) are left out."""

    values: Floats

    def of(self, chosen: Indices) -> float:
        known = self.values[chosen]
        known = known[~np.isnan(known)]
        return float(known.mean()) if known.size else float("nan")

    def swapped(self, other: Self, taken: Mask) -> Self:
        return type(self)(np.where(taken, other.values, self.values))

    def part(self, chosen: Indices) -> Self:
        return type(self)(self.values[chosen])

    def per_example(self) -> Floats:
        return self.values


@dataclass(frozen=True, slots=True)
class RootMeanSquare:
    """The root of the mean of squared errors, (n,)."""

    errors: Floats

    def of(self, chosen: Indices) -> float:
        return float(np.sqrt(np.mean(self.errors[chosen] ** 2))) if chosen.size else float("nan")

    def swapped(self, other: Self, taken: Mask) -> Self:
        return type(self)(np.where(taken, other.errors, self.errors))

    def part(self, chosen: Indices) -> Self:
        return type(self)(self.errors[chosen])

    def per_example(self) -> Floats:
        return np.abs(self.errors)


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """Spearman's correlation of what was told with what is true, both (n,); 0 where either does not vary."""

    told: Floats
    true: Floats

    def of(self, chosen: Indices) -> float:
        if chosen.size == 0:
            return float("nan")
        told, true = _ranks(self.told[chosen]), _ranks(self.true[chosen])
        spread = float(told.std() * true.std())
        return float(((told - told.mean()) * (true - true.mean())).mean() / spread) if spread else 0.0

    def swapped(self, other: Self, taken: Mask) -> Self:
        return type(self)(np.where(taken, other.told, self.told), self.true)

    def part(self, chosen: Indices) -> Self:
        return type(self)(self.told[chosen], self.true[chosen])

    def per_example(self) -> Floats:
        return np.full(self.told.size, np.nan)


@dataclass(frozen=True, slots=True)
class Counts:
    """Hits, false alarms and misses: event e happened on example `example[e]`, and counts in column `column[e]`, which
    is 3 × label + 0 (hit), 1 (false alarm) or 2 (miss). `average` says which figure is made of the totals.
    """

    example: NDArray[np.intp]
    column: NDArray[np.intp]
    labels: int
    size: int
    average: Average

    def of(self, chosen: Indices) -> float:
        if chosen.size == 0:
            return float("nan")
        weights = np.bincount(chosen, minlength=self.size)
        totals = np.bincount(self.column, weights=weights[self.example], minlength=3 * self.labels)
        table: Floats = totals.reshape(-1, 3).astype(np.float64)
        return _AVERAGES[self.average](table)

    def swapped(self, other: Self, taken: Mask) -> Self:
        mine, theirs = ~taken[self.example], taken[other.example]
        return type(self)(
            np.concatenate([self.example[mine], other.example[theirs]]),
            np.concatenate([self.column[mine], other.column[theirs]]),
            self.labels,
            self.size,
            self.average,
        )

    def part(self, chosen: Indices) -> Self:
        place = np.full(self.size, -1, dtype=np.intp)
        place[chosen] = np.arange(chosen.size)
        kept = place[self.example] >= 0
        return type(self)(place[self.example[kept]], self.column[kept], self.labels, chosen.size, self.average)

    def per_example(self) -> Floats:
        """F1 of each example alone; 1 where there was nothing to find and nothing was told."""
        cells = (
            np.bincount(3 * self.example + self.column % 3, minlength=3 * self.size).reshape(-1, 3).astype(np.float64)
        )
        wrong = cells[:, 1] + cells[:, 2]
        return np.divide(2 * cells[:, 0], 2 * cells[:, 0] + wrong, out=np.ones(self.size), where=cells.any(axis=1))


def counts(
    expected: Sequence[frozenset[object]],
    told: Sequence[frozenset[object]],
    average: Average,
    labels: dict[str, int],
    label_of: Callable[[object], str],
) -> Counts:
    """Events from what was expected and told on each example; `labels` numbers every label that `label_of` gives."""
    examples: list[int] = []
    columns: list[int] = []
    for place, (right, said) in enumerate(zip(expected, told, strict=True)):
        for kind, found in enumerate((right & said, said - right, right - said)):
            examples += [place] * len(found)
            columns += [3 * labels[label_of(each)] + kind for each in found]
    return Counts(
        np.array(examples, dtype=np.intp), np.array(columns, dtype=np.intp), len(labels), len(expected), average
    )


def _f1(hits: Floats, alarms: Floats, misses: Floats) -> Floats:
    return np.divide(2 * hits, 2 * hits + alarms + misses, out=np.zeros_like(hits), where=(hits + alarms + misses) > 0)


def _micro(totals: Floats) -> float:
    return float(_f1(*(np.atleast_1d(column) for column in totals.sum(axis=0)))[0])


def _macro(totals: Floats) -> float:
    """Over the labels that occur, expected or told (as scikit-learn does)."""
    occurring = totals[totals.any(axis=1)]
    return float(_f1(*occurring.T).mean()) if occurring.size else 0.0


def _precision(totals: Floats) -> float:
    hits, alarms, _ = totals.sum(axis=0)
    return float(hits / (hits + alarms)) if hits + alarms else 0.0


def _recall(totals: Floats) -> float:
    hits, _, misses = totals.sum(axis=0)
    return float(hits / (hits + misses)) if hits + misses else 0.0


_AVERAGES: dict[Average, Callable[[Floats], float]] = {
    "micro_f1": _micro,
    "macro_f1": _macro,
    "precision": _precision,
    "recall": _recall,
}


def _ranks(values: Floats) -> Floats:
    """Ranks with ties at their mean."""
    _, inverse, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    means: Floats = ends - (sizes - 1) / 2.0
    return means[inverse]
