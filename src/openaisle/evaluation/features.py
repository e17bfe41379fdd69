"""Columns of a table as numbers a model can take: numbers as they are but scaled, other texts as yes-or-no columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from openaisle.errors import ExperimentError
from openaisle.evaluation.table import Numbers, Table

_MOST_VALUES = 200
_EMPTY = ""


@dataclass(frozen=True, slots=True)
class Feature:
    """A number with its centre and spread, or a choice with its `values`."""

    name: str
    values: tuple[str, ...] = ()
    centre: float = 0.0
    spread: float = 1.0

    @classmethod
    def of(cls, table: Table, name: str) -> Self:
        """How the column of this table is to be read. Raises `ExperimentError` where it is neither."""
        table.require(name)
        texts = table.columns[name]
        if _numeric(texts):
            values = table.measured(name)
            spread = float(np.nanstd(values))
            return cls(name, (), float(np.nanmean(values)), spread if spread > 0 else 1.0)
        values_found = tuple(sorted(set(texts)))
        if len(values_found) > _MOST_VALUES:
            raise ExperimentError(
                f"{table.name}: {name} has {len(values_found):,} different texts, the most is {_MOST_VALUES}.",
                "Leave the column out, or bring its values together.",
            )
        return cls(name, values_found)

    def columns(self, table: Table) -> Numbers:
        """Shape (rows, 1) for a number (an empty cell counts as an average one), else one column a value.

        A text that was not there when the feature was made has no column and is all 0.
        """
        if not self.values:
            numbers = (table.measured(self.name) - self.centre) / self.spread
            return np.nan_to_num(numbers)[:, None]
        table.require(self.name)
        texts = np.array(table.columns[self.name])
        chosen: Numbers = (texts[:, None] == np.array(self.values)[None, :]).astype(np.float64)
        return chosen


def features_of(table: Table, names: Sequence[str]) -> tuple[Feature, ...]:
    return tuple(Feature.of(table, name) for name in names)


def matrix(table: Table, features: Sequence[Feature]) -> Numbers:
    """All features side by side, shape (rows, columns)."""
    return np.hstack([np.zeros((len(table), 0)), *(feature.columns(table) for feature in features)])


def _numeric(texts: Sequence[str]) -> bool:
    try:
        numbers = [float(text) for text in texts if text != _EMPTY]
    except ValueError:
        return False
    return bool(numbers)
