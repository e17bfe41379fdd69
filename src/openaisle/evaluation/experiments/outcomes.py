"""What happened in an experiment: one row per unit, in the order of arrival, read from a CSV file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ExperimentError
from openaisle.evaluation.experiments.definition import Experiment, Metric
from openaisle.evaluation.table import Numbers, Table, read_table

UNIT, VARIANT, COVARIATE = "unit", "variant", "covariate"


@dataclass(frozen=True, slots=True)
class Outcomes:
    """`variants` is each unit's variant as a place in `names`; `columns` hold one number per unit."""

    names: tuple[str, ...]
    variants: NDArray[np.int64]
    columns: Mapping[str, Numbers]

    def __len__(self) -> int:
        return int(self.variants.size)

    def counted(self) -> dict[str, int]:
        counts = np.bincount(self.variants, minlength=len(self.names))
        return {name: int(count) for name, count in zip(self.names, counts, strict=True)}

    def until(self, units: int) -> Self:
        """The first units alone."""
        columns = {name: values[:units] for name, values in self.columns.items()}
        return type(self)(self.names, self.variants[:units], columns)


def read_outcomes(path: Path, experiment: Experiment, called: Mapping[str, str] | None = None) -> Outcomes:
    """The outcomes of a defined experiment. Raises `ExperimentError`, naming the line where there is one."""
    return _outcomes(read_table(path, called), tuple(experiment.variants), experiment.metrics)


def read_undefined(
    path: Path, control: str | None = None, called: Mapping[str, str] | None = None
) -> tuple[Experiment, Outcomes]:
    """Outcomes without a definition, and the plainest one that fits: every further column is a metric's mean.

    A column called `covariate` is every metric's covariate. The variants are expected to be of one size; `control`
    is the one called "control", or else the first by name.
    """
    table = read_table(path, called)
    names = sorted(set(table.texts(VARIANT)))
    if len(names) < 2:
        raise ExperimentError(
            f"{table.name} holds one variant only, {names[0]}.", "An experiment compares two or more."
        )
    if control is not None and control not in names:
        raise ExperimentError(f"{table.name} holds no variant {control}.", f"There are {', '.join(names[:20])}.")
    covariate = COVARIATE if COVARIATE in table.columns else ""
    metrics = tuple(
        Metric(name, covariate=covariate) for name in table.columns if name not in {UNIT, VARIANT, COVARIATE}
    )
    first = control or ("control" if "control" in names else names[0])
    experiment = Experiment(
        table.name, dict.fromkeys([first, *(name for name in names if name != first)], 1.0), metrics=metrics
    )
    return experiment, _outcomes(table, tuple(experiment.variants), metrics)


def _outcomes(table: Table, names: tuple[str, ...], metrics: Sequence[Metric]) -> Outcomes:
    if not metrics:
        raise ExperimentError(
            "There is no metric to analyse.", "Add a column of numbers, or [[metrics]] to the experiment."
        )
    units, written = table.texts(UNIT), table.texts(VARIANT)
    place = {name: number for number, name in enumerate(names)}
    unknown = next((row for row, name in enumerate(written) if name not in place), None)
    if unknown is not None:
        raise table.wrong(unknown, VARIANT, f"is none of the experiment's variants ({', '.join(names[:20])})")
    _refuse_repeated(table, units, written)
    outcomes = Outcomes(names, np.array([place[name] for name in written], dtype=np.int64), _columns(table, metrics))
    _refuse_small(outcomes)
    return outcomes


def _columns(table: Table, metrics: Iterable[Metric]) -> dict[str, Numbers]:
    columns: dict[str, Numbers] = {}
    for metric in metrics:
        columns[metric.column] = table.numbers(metric.column)
        if metric.per:
            columns[metric.per] = table.numbers(metric.per)
        if metric.covariate:
            columns.setdefault(metric.covariate, table.measured(metric.covariate))
    return columns


def _refuse_repeated(table: Table, units: Sequence[str], variants: Sequence[str]) -> None:
    seen: dict[str, int] = {}
    for row, unit in enumerate(units):
        first = seen.setdefault(unit, row)
        if first != row:
            also = "in the same variant" if variants[first] == variants[row] else f"there in variant {variants[first]}"
            raise table.wrong(
                row, UNIT, f"stands on line {table.lines[first]} already, {also}; one row a unit is needed"
            )


def _refuse_small(outcomes: Outcomes) -> None:
    for name, count in outcomes.counted().items():
        if count < 2:
            raise ExperimentError(
                f"The variant {name} has {count} units.", "Wait for more, or leave it out of the experiment."
            )
