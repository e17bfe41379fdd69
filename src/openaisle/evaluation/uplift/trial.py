"""A trial: who was treated, by chance, and what came of it; one treatment against the control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ExperimentError
from openaisle.evaluation.features import Feature, features_of, matrix
from openaisle.evaluation.table import Numbers, Table, read_table

UNIT, TREATMENT, OUTCOME = "unit", "treatment", "outcome"
_FEWEST = 50
"""Units of either side below which nothing is learned."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Shapes: `features` (n, columns), `treated` and `outcomes` (n). `share` is the probability of the treatment."""

    features: Numbers
    treated: NDArray[np.bool_]
    outcomes: Numbers
    share: float

    @classmethod
    def of(cls, features: Numbers, treated: NDArray[np.bool_], outcomes: Numbers) -> Self:
        """A trial whose treatment was given to all with one probability, taken from the counts."""
        for name, count in (("treated", int(treated.sum())), ("control", int((~treated).sum()))):
            if count < _FEWEST:
                raise ExperimentError(f"The trial has {count} {name} units.", f"At least {_FEWEST} of each are needed.")
        if not (np.isfinite(outcomes).all() and np.isfinite(features).all()):
            raise ExperimentError("An outcome or a feature is no finite number.", "Leave the unit out.")
        return cls(features, treated, outcomes, float(treated.mean()))

    def __len__(self) -> int:
        return int(self.treated.size)

    def at(self, rows: NDArray[np.int64]) -> Self:
        """Some of the units; the probability of the treatment stays that of the whole trial."""
        return type(self)(self.features[rows], self.treated[rows], self.outcomes[rows], self.share)

    def split(self, held_out: float, seed: int) -> tuple[Self, Self]:
        """To learn from, and to measure on: a share of each side, drawn by the seed."""
        generator = np.random.default_rng(seed)
        measured = np.zeros(len(self), dtype=bool)
        for side in (self.treated, ~self.treated):
            rows = generator.permutation(np.flatnonzero(side))
            measured[rows[: round(held_out * rows.size)]] = True
        return self.at(np.flatnonzero(~measured)), self.at(np.flatnonzero(measured))


def read_trials(
    path: Path,
    control: str,
    features: Sequence[str],
    treatments: Sequence[str] = (),
    called: Mapping[str, str] | None = None,
) -> tuple[dict[str, Trial], tuple[Feature, ...]]:
    """A trial for each treatment of a CSV file (all but the control, or those named), and how the features are read.

    Columns: `treatment`, `outcome`, perhaps `unit`, and the features, which must have been known before the treatment.
    Raises `ExperimentError`, naming the line where there is one.
    """
    table = read_table(path, called)
    given, outcomes = np.array(table.texts(TREATMENT)), table.numbers(OUTCOME)
    if UNIT in table.columns:
        _refuse_repeated(table)
    if not features:
        raise ExperimentError("No feature is named.", "Name columns that were known before the treatment.")
    if control not in given:
        raise ExperimentError(f"{table.name} holds no unit of the control {control}.", f"There are {_shown(given)}.")
    arms = list(treatments) or sorted(set(given) - {control})
    unknown = next((arm for arm in arms if arm == control or arm not in given), None)
    if unknown is not None or not arms:
        named = f"no unit of the treatment {unknown}" if unknown else f"one arm only, {control}"
        raise ExperimentError(f"{table.name} holds {named}.", f"There are {_shown(given)}.")
    read = features_of(table, features)
    columns = matrix(table, read)
    trials = {}
    for arm in arms:
        rows = np.flatnonzero((given == arm) | (given == control))
        trials[arm] = Trial.of(columns[rows], given[rows] == arm, outcomes[rows])
    return trials, read


def read_new(path: Path, features: Sequence[Feature]) -> tuple[list[str], Numbers]:
    """Units to be scored, by the features of a trial: their ids and the matrix."""
    table = read_table(path)
    return list(table.texts(UNIT)), matrix(table, features)


def _refuse_repeated(table: Table) -> None:
    seen: dict[str, int] = {}
    for row, unit in enumerate(table.texts(UNIT)):
        if seen.setdefault(unit, row) != row:
            raise table.wrong(row, UNIT, f"stands on line {table.lines[seen[unit]]} already; one row a unit is needed")


def _shown(given: NDArray[np.str_]) -> str:
    return ", ".join(sorted(set(given.tolist()))[:20])
