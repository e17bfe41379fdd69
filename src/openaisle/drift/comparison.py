"""Two profiles compared, signal by signal: how far apart, whether that is more than chance, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from openaisle.drift.profile import LENGTHS, Profile

_WATCH, _ACT = 0.1, 0.25
"""Population stability indices from which a distribution is said to have moved, and moved much: the customary bounds
in credit scoring (Siddiqi, Credit Risk Scorecards, 2006)."""
_WATCH_RISE, _ACT_RISE = 0.03, 0.10
"""By how much of all queries or words a share must rise."""
_SURE = 1.645
"""Standard deviations that chance exceeds one time in twenty, in one direction."""
_UNSEEN = 0.5
"""Count given to a class in which one side has nothing, so that the index stays finite."""


class Level(StrEnum):
    STABLE = "stable"
    WATCH = "watch"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that was compared. `value` is a population stability index (`measure` "psi") or the rise of a share
    ("share"); `before` and `now` are shares per class; `mend` is what to do (empty when nothing is)."""

    name: str
    measure: str
    value: float
    level: Level
    before: Mapping[str, float]
    now: Mapping[str, float]
    mend: str


@dataclass(frozen=True, slots=True)
class DriftReport:
    """`level` is that of the worst signal."""

    model: str
    queries: int
    baseline_queries: int
    baseline: str
    level: Level
    signals: tuple[Signal, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def compared(before: Profile, now: Profile, baseline: str) -> DriftReport:
    """`baseline` says in words where `before` comes from."""
    signals = tuple(_signals(before, now))
    worst = max((signal.level for signal in signals), key=list(Level).index, default=Level.STABLE)
    return DriftReport(now.model, now.queries, before.queries, baseline, worst, signals)


def _signals(before: Profile, now: Profile) -> Iterator[Signal]:
    yield _moved("length", _by_length(before.lengths), _by_length(now.lengths))
    yield _moved("language", before.languages, now.languages)
    yield _rose("new words", (before.new, before.terms), (now.new, now.terms))
    yield _rose("words no product has", (before.unknown, before.terms), (now.unknown, now.terms))
    yield _rose("unanswered", (before.unanswered, before.searched), (now.unanswered, now.searched))
    if before.clusters and now.clusters:
        yield _moved("meaning", _numbered(before.clusters), _numbered(now.clusters))
    if sum(before.scores) and sum(now.scores):
        yield _moved("best score", _by_score(before.bounds, before.scores), _by_score(now.bounds, now.scores))


def _moved(name: str, before: Mapping[str, int], now: Mapping[str, int]) -> Signal:
    classes = list(dict.fromkeys([*before, *now]))
    old = np.array([before.get(each, 0) for each in classes], dtype=np.float64)
    new = np.array([now.get(each, 0) for each in classes], dtype=np.float64)
    index = stability_index(old, new)
    level = _level(index, max(_WATCH, chance_index(old, new)), _ACT)
    return Signal(name, "psi", index, level, _shares(classes, old), _shares(classes, new), _mend(name, level))


def _rose(name: str, before: tuple[int, int], now: tuple[int, int]) -> Signal:
    old, new = (part / whole if whole else 0.0 for part, whole in (before, now))
    pooled = (before[0] + now[0]) / max(1, before[1] + now[1])
    deviation = (pooled * (1 - pooled) * (1 / max(1, before[1]) + 1 / max(1, now[1]))) ** 0.5
    rise = new - old
    level = _level(rise, max(_WATCH_RISE, _SURE * deviation), _ACT_RISE)
    return Signal(name, "share", rise, level, {"share": old}, {"share": new}, _mend(name, level))


def _level(value: float, watch: float, act: float) -> Level:
    if value < watch:
        return Level.STABLE
    return Level.WATCH if value < act else Level.ACT


def stability_index(before: np.ndarray, now: np.ndarray) -> float:
    """The population stability index of two histograms: the divergence of Kullback and Leibler, both ways summed."""
    old, new = (np.where(counts > 0, counts, _UNSEEN) for counts in (before, now))
    old, new = old / old.sum(), new / new.sum()
    return float(np.sum((new - old) * np.log(new / old)))


def chance_index(before: np.ndarray, now: np.ndarray) -> float:
    """The index that two samples of one distribution exceed one time in twenty.

    It is distributed as (1/n + 1/m) times chi-square with one degree of freedom less than there are classes (Yurdakul,
    Statistical Properties of Population Stability Index, 2018); the quantile is Wilson and Hilferty's (1931).
    """
    classes = int(np.count_nonzero(before + now))
    if classes < 2 or not before.sum() or not now.sum():
        return float("inf")
    freedom = classes - 1
    quantile = freedom * (1 - 2 / (9 * freedom) + _SURE * (2 / (9 * freedom)) ** 0.5) ** 3
    return float((1 / before.sum() + 1 / now.sum()) * quantile)


def _shares(classes: Sequence[str], counts: np.ndarray) -> dict[str, float]:
    whole = counts.sum() or 1.0
    return {name: round(float(count / whole), 4) for name, count in zip(classes, counts, strict=True)}


def _by_length(counts: Sequence[int]) -> dict[str, int]:
    starts = (0, *LENGTHS)
    ends = [*(f"–{end - 1}" for end in LENGTHS), " and more"]
    return {f"{start}{end} characters": count for start, end, count in zip(starts, ends, counts, strict=True)}


def _by_score(bounds: Sequence[float], counts: Sequence[int]) -> dict[str, int]:
    names = ["lowest", *(f"from {bound:.3f}" for bound in bounds)]
    return dict(zip(names, counts, strict=True))


def _numbered(counts: Sequence[int]) -> dict[str, int]:
    return {f"group {number}": count for number, count in enumerate(counts, start=1)}


_MENDS = {
    "length": "Look at a sample of the queries: shoppers, or what sends the queries, may have changed.",
    "language": "Judge queries of the languages that grew, add them to the training data, and train again.",
    "new words": "Train again on recent queries: openaisle train SHOP RECIPE.toml --since last.",
    "words no product has": "Compare with the catalogue: products may be missing, or shoppers ask for new things.",
    "unanswered": "Look at queries without an answer; add products or attributes, or train again on recent queries.",
    "meaning": "Train again on recent queries: openaisle train SHOP RECIPE.toml --since last.",
    "best score": "Measure with recent judgments (openaisle eval); where it fell, train again with --since last.",
}


def _mend(name: str, level: Level) -> str:
    return "" if level is Level.STABLE else _MENDS[name]
