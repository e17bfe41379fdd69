"""What came of a tuning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from openaisle.learning.tuning.space import Dimension, Values

State = Literal["complete", "pruned", "failed"]


@dataclass(frozen=True, slots=True)
class Finished:
    """One trial. `value` is the validation metric (of a pruned one, the last it told); `course` all that it told, in
    order; `failure` why it failed."""

    number: int
    values: Values
    state: State
    value: float | None
    course: tuple[float, ...]
    seconds: float
    failure: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "values": dict(self.values),
            "state": self.state,
            "value": self.value,
            "course": list(self.course),
            "seconds": self.seconds,
            **({"failure": self.failure} if self.failure else {}),
        }


@dataclass(frozen=True, slots=True)
class Tuned:
    """A study so far. `best` is the best complete trial; `written` the trial of the recipe as it was written, None
    where its own values are outside the space; `importance` is each key's share of what varied the metric."""

    study: str
    metric: str
    higher_is_better: bool
    dimensions: tuple[Dimension, ...]
    trials: tuple[Finished, ...]
    best: Finished
    written: Finished | None
    importance: Mapping[str, float]

    def as_dict(self) -> dict[str, Any]:
        return {
            "study": self.study,
            "metric": self.metric,
            "higher_is_better": self.higher_is_better,
            "space": {each.key: each.describe() for each in self.dimensions},
            "best": self.best.as_dict(),
            "written": self.written and self.written.as_dict(),
            "importance": dict(self.importance),
            "trials": [each.as_dict() for each in self.trials],
        }
