"""The course of a training: its loss, and what each validation said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

Points = tuple[tuple[int, float], ...]
"""Step of the optimiser and value."""


@dataclass(frozen=True, slots=True)
class History:
    """`validation` is the metric named `metric`, at each validation."""

    train_loss: Points
    validation: Points
    metric: str

    def as_dict(self) -> dict[str, Any]:
        return {"train_loss": self.train_loss, "validation": self.validation, "metric": self.metric}


def history_of(log: Iterable[Mapping[str, Any]], metric: str) -> History:
    """The history in the `log_history` that `transformers.Trainer` keeps."""
    entries = list(log)
    return History(_points(entries, "loss"), _points(entries, f"eval_{metric}"), metric)


def _points(entries: Iterable[Mapping[str, Any]], key: str) -> Points:
    return tuple(
        (int(entry["step"]), float(entry[key]))
        for entry in entries
        if key in entry and "step" in entry and isfinite(entry[key])
    )
