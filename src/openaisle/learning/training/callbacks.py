"""What happens beside the steps of a training: progress told, numbers tracked, batches put in order, layers freed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from openaisle.learning.training.buckets import LengthBuckets
from openaisle.learning.training.tracking import Tracker

Tell = Callable[[str, int, int | None], None]
"""Told the stage of long work, how much of it is done and how much there is (None while not known)."""

OnStep = Callable[[int], None]
"""Called with the number of steps that the optimiser has taken."""

STAGE = "training"


class Progress(TrainerCallback):
    """Tells how many steps are done; whoever listens makes a rate and a time left of it."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **others: Any
    ) -> None:
        self._tell(STAGE, state.global_step, state.max_steps)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **others: Any) -> None:
        self._tell(STAGE, state.global_step, state.max_steps)


class Tracking(TrainerCallback):
    """Hands every number that Trainer logs to a tracker."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, Any] | None = None,
        **others: Any,
    ) -> None:
        if state.is_world_process_zero and logs:
            self._tracker.scalars(state.global_step, _numbers(logs))

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **others: Any
    ) -> None:
        self._tracker.close()


class Epochs(TrainerCallback):
    """Tells the order of examples which epoch it is, also where a resumed training has its batches wrapped twice."""

    def __init__(self, order: LengthBuckets) -> None:
        self._order = order

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **others: Any
    ) -> None:
        self._order.set_epoch(int((state.epoch or 0.0) + 1e-6))


class AfterEachStep(TrainerCallback):
    """Lets what trains change from step to step: told after the optimiser's step, while its gradients are there."""

    def __init__(self, on_step: OnStep) -> None:
        self._on_step = on_step

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **others: Any
    ) -> None:
        self._on_step(state.global_step)

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **others: Any
    ) -> None:
        self._on_step(state.global_step + 1)  # Trainer counts the step after it has dropped the gradients


def _numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    """What can be drawn: `eval_` metrics are of the validation split, everything else of training."""
    return {
        _named(name): float(value)
        for name, value in logs.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }


def _named(name: str) -> str:
    return f"validation/{name.removeprefix('eval_')}" if name.startswith("eval_") else f"train/{name}"
