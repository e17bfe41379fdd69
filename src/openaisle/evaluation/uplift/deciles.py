"""Uplift by decile of the score: whether those who are said to be moved most are moved most."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from openaisle.evaluation.statistics import Estimate
from openaisle.evaluation.table import Numbers
from openaisle.evaluation.uplift.average import average_effect
from openaisle.evaluation.uplift.trial import Trial


@dataclass(frozen=True, slots=True)
class Decile:
    """`number` 1 holds the highest scores; `effect` is None where one side has fewer than two units."""

    number: int
    units: int
    predicted: float
    effect: Estimate | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def deciles(scores: Numbers, trial: Trial, count: int = 10) -> list[Decile]:
    """Ten (or `count`) groups of even size by falling score; equal scores keep the trial's order."""
    order = np.argsort(-scores, kind="stable")
    return [_decile(number, rows, scores, trial) for number, rows in enumerate(np.array_split(order, count), start=1)]


def _decile(number: int, rows: np.ndarray, scores: Numbers, trial: Trial) -> Decile:
    part = trial.at(rows)
    sides = int(part.treated.sum()), int((~part.treated).sum())
    effect = average_effect(part).effect if min(sides) > 1 else None
    return Decile(number, len(part), float(scores[rows].mean()) if rows.size else 0.0, effect)
