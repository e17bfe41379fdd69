"""Exposures: that a unit met its variant, told as values for whoever keeps the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from openaisle.evaluation.experiments.bucketing import Bucketing


@dataclass(frozen=True, slots=True)
class Exposure:
    """`time` is in milliseconds since 1970 (UTC)."""

    experiment: str
    unit: str
    variant: str
    time: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Exposed:
    """`first` exposure of each unit that met one variant only; `crossed` are the units that met several."""

    first: Mapping[str, Exposure]
    crossed: frozenset[str]


def expose(experiment: str, bucketing: Bucketing, unit: str, time: int) -> Exposure | None:
    """The exposure to be logged when a unit meets the experiment; None where it takes no part in it."""
    variant = bucketing.variant(unit)
    return None if variant is None else Exposure(experiment, unit, variant, time)


def exposed(exposures: Iterable[Exposure]) -> Exposed:
    """One experiment's log by unit, in whatever order it comes.

    What a unit did before its first exposure cannot be an effect.
    """
    first: dict[str, Exposure] = {}
    crossed: set[str] = set()
    for each in exposures:
        known = first.setdefault(each.unit, each)
        if known.variant != each.variant:
            crossed.add(each.unit)
        elif each.time < known.time:
            first[each.unit] = each
    return Exposed({unit: each for unit, each in first.items() if unit not in crossed}, frozenset(crossed))
