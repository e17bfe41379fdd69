"""The run of a training, from its first step or from its last checkpoint to the best weights found."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import EarlyStoppingCallback, TrainerCallback, set_seed

from openaisle.learning.examples import DataSet, Example
from openaisle.learning.heads.protocol import Head
from openaisle.learning.recipe import Recipe
from openaisle.learning.trainable import Trainable, apply
from openaisle.learning.training.arguments import arguments_of, steps_of
from openaisle.learning.training.buckets import LengthBuckets
from openaisle.learning.training.callbacks import AfterEachStep, Epochs, Progress, Tell, Tracking
from openaisle.learning.training.checkpoints import last_whole
from openaisle.learning.training.faults import told_faults
from openaisle.learning.training.fitness import require_learnable
from openaisle.learning.training.optimizer import build_optimizer
from openaisle.learning.training.processes import process_count
from openaisle.learning.training.tracking import Tracker, open_trackers
from openaisle.learning.training.trainer import HeadTrainer, diverged


@dataclass(frozen=True, slots=True)
class Trained:
    """A head with the best weights found; what could be folded into the backbone's weights has been.

    `best_metric` is the recipe's metric on the validation split, None where there is none. `history` has every number
    that was logged, by `step` and `epoch`: `loss`, `learning_rate`, `grad_norm`, and `eval_…` of the validation split.
    `seconds` and `examples_per_second` are of this process's own steps; `peak_memory_mb` is the most that the process
    held at any time (on a GPU: on the GPU).
    """

    head: Head
    best_metric: float | None
    history: tuple[Mapping[str, float], ...]
    steps: int
    seconds: float
    peak_memory_mb: float
    examples_per_second: float
    trainable_parameters: int
    all_parameters: int
    save_added: Callable[[Path], None]

    def save(self, folder: Path) -> None:
        """Write the head, and beside it what was added to the backbone and does not fold into its weights."""
        self.head.save(folder)
        self.save_added(folder)


def run_training(
    head: Head,
    data: DataSet,
    recipe: Recipe,
    folder: Path,
    *,
    tell: Tell,
    resume: bool,
    trackers: Sequence[Tracker] = (),
) -> Trained:
    """Train `head` on `data.train`; its weights are changed in place. Checkpoints go to `folder`.

    `trackers` are told the course of the training beside those of the recipe; what one raises ends the training.

    With `resume`, a training that was killed goes on from its last whole checkpoint in `folder`, or starts where there
    is none. Raises `DataError`, `RecipeError`, `TrainingDiverged`, `TrainingError`, `StorageError`, `MissingExtra`.
    """
    require_learnable(data, recipe)
    set_seed(recipe.seed)
    trainable = _trainable(head, recipe, steps_of(recipe, len(data.train)).total)
    with told_faults(folder):
        trainer = _trainer(head, data, recipe, folder, tell=tell, trainable=trainable, trackers=trackers)
        checkpoint = last_whole(folder) if resume else None
        trainer.args.eval_on_start = bool(data.validation) and checkpoint is None
        started = time.monotonic()
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
        seconds = time.monotonic() - started
    _require_finite(head, trainer)
    trainable.merge()
    return _trained(head, trainable, trainer, recipe, seconds)


def _trainable(head: Head, recipe: Recipe, total_steps: int) -> Trainable:
    train = recipe.train
    return apply(
        train.what,
        head.module,
        head.module.backbone,
        learning_rate=train.learning_rate,
        layer_decay=train.layer_decay,
        weight_decay=train.weight_decay,
        total_steps=total_steps,
        accumulation=train.accumulation,
        sizes=train,
    )


def _trainer(
    head: Head,
    data: DataSet,
    recipe: Recipe,
    folder: Path,
    *,
    tell: Tell,
    trainable: Trainable,
    trackers: Sequence[Tracker],
) -> HeadTrainer:
    processes = process_count()
    steps = steps_of(recipe, len(data.train))
    arguments = arguments_of(recipe, folder, steps, validated=bool(data.validation), processes=processes)
    order = LengthBuckets(len(data.train), recipe.train.batch_size, recipe.seed, _lengths(head, data.train, recipe))
    callbacks: list[TrainerCallback] = [Epochs(order), Progress(tell)]
    if trainable.on_step is not None:
        callbacks.append(AfterEachStep(trainable.on_step))
    if recipe.train.patience:
        callbacks.append(EarlyStoppingCallback(recipe.train.patience))
    if arguments.process_index == 0:
        callbacks += [Tracking(tracker) for tracker in (*open_trackers(recipe, folder), *trackers)]
    optimizer = build_optimizer(trainable.parameter_groups, recipe.train)
    return HeadTrainer(head, data, arguments, order=order, optimizer=optimizer, callbacks=callbacks)


def _lengths(head: Head, examples: Sequence[Example], recipe: Recipe) -> list[int] | None:
    return [head.length(example) for example in examples] if recipe.train.bucketing else None


def _require_finite(head: Head, trainer: HeadTrainer) -> None:
    """The last step of all may break the weights after its loss was still a number."""
    if not all(bool(torch.isfinite(weights).all()) for weights in head.module.parameters()):
        raise diverged(trainer.state.global_step)


def _trained(head: Head, trainable: Trainable, trainer: HeadTrainer, recipe: Recipe, seconds: float) -> Trained:
    state = trainer.state
    ran = state.global_step - trainer._initial_global_step
    examples = ran * recipe.train.batch_size * recipe.train.accumulation
    return Trained(
        head=head,
        best_metric=None if state.best_metric is None else float(state.best_metric),
        history=tuple(state.log_history),
        steps=state.global_step,
        seconds=round(seconds, 3),
        peak_memory_mb=_peak_memory_mb(),
        examples_per_second=round(examples / seconds, 2) if seconds else 0.0,
        trainable_parameters=trainable.counts.trainable,
        all_parameters=trainable.counts.total,
        save_added=trainable.save,
    )


def _peak_memory_mb() -> float:
    if torch.cuda.is_available():
        return round(torch.cuda.max_memory_allocated() / 2**20, 1)
    unit = 1 if sys.platform == "darwin" else 2**10  # ru_maxrss is in bytes on macOS and in KiB elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)
