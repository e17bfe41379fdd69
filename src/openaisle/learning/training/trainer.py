"""`transformers.Trainer` on a task head: its batches, its validation, its optimiser and its files are ours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import distributed, nn
from torch.optim import Optimizer
from torch.utils.data import Dataset, Sampler
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from openaisle.errors import RecipeError, TrainingDiverged
from openaisle.learning.examples import DataSet, Example
from openaisle.learning.heads.protocol import Head
from openaisle.learning.training.buckets import LengthBuckets
from openaisle.learning.training.checkpoints import load_weights, save_weights


class Examples(Dataset[Example]):
    """Examples as PyTorch wants them."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> Example:
        return self._examples[index]


class HeadTrainer(Trainer):
    """Trains a head's module with the head's own batches and metrics.

    `order` is the order of examples; `validation` is measured by the head as a whole, in one process for all of them.
    """

    def __init__(
        self,
        head: Head,
        data: DataSet,
        arguments: TrainingArguments,
        *,
        order: LengthBuckets,
        optimizer: Optimizer,
        callbacks: list[TrainerCallback],
    ) -> None:
        self._head = head
        self._validation = data.validation
        self._order = order
        self._own_optimizer = optimizer
        super().__init__(
            model=head.module,
            args=arguments,
            data_collator=head.collate,
            train_dataset=Examples(data.train),
            eval_dataset=Examples(data.validation),
            callbacks=callbacks,
        )
        self.remove_callback(PrinterCallback)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return self._order

    def create_optimizer(self, model: nn.Module | None = None) -> Optimizer:
        self.optimizer = self._own_optimizer
        return self.optimizer

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """The head's metrics on the validation split, measured by the first process and told to the others."""
        self._require_finite()
        measured = self._measured()
        wanted = self.args.metric_for_best_model
        if wanted is not None and wanted.removeprefix("eval_") not in measured:
            raise RecipeError(
                f"train.metric is {wanted}, which the task does not measure.",
                f"Set it to one of {', '.join(sorted(measured))}.",
            )
        metrics = {f"eval_{name}": float(value) for name, value in measured.items()}
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _measured(self) -> dict[str, float]:
        found = [self._head.measure(self._validation) if self.is_world_process_zero() else {}]
        if self.args.world_size > 1:
            distributed.broadcast_object_list(found, src=0)
        return found[0]

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        if not math.isfinite(logs.get("loss", 0.0)):
            raise diverged(self.state.global_step)
        super().log(logs, start_time)

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        self._require_finite()  # a broken model must not take the place of a checkpoint that works
        super()._save_checkpoint(model, trial)

    def _require_finite(self) -> None:
        if self.is_in_train and hasattr(self, "_tr_loss") and not bool(torch.isfinite(self._tr_loss)):
            raise diverged(self.state.global_step)

    # Weights are written and read as safetensors; Trainer's own way would add a pickle of its arguments.

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        if self.args.should_save:
            save_weights(self._head.module, Path(output_dir or str(self.args.output_dir)))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        load_weights(model or self._head.module, Path(resume_from_checkpoint))

    def _load_best_model(self) -> None:
        load_weights(self._head.module, Path(str(self.state.best_model_checkpoint)))


def diverged(step: int) -> TrainingDiverged:
    return TrainingDiverged(
        f"The loss stopped being a number by step {step}; nothing was registered.",
        "Lower train.learning_rate, set train.clip to 1, or use float32 or bfloat16 numbers.",
    )
