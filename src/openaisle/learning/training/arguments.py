"""What a recipe says, in the words of `transformers.TrainingArguments`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments

from openaisle.errors import RecipeError
from openaisle.learning.recipe import Recipe
from openaisle.models.registry.direction import higher_is_better

_LOGS = 200
"""How often a training says its loss, over all its steps."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a training: those of one epoch, all of them, and those between two validations."""

    epoch: int
    total: int
    between: int


def steps_of(recipe: Recipe, examples: int) -> Steps:
    """How many steps of the optimiser `examples` make. The last, shorter batch is used too."""
    train = recipe.train
    batches = -(-examples // train.batch_size)
    epoch = max(1, -(-batches // train.accumulation))
    total = train.max_steps or max(1, round(train.epochs * epoch))
    return Steps(epoch, total, min(train.evaluate_every or epoch, total))


def arguments_of(recipe: Recipe, folder: Path, steps: Steps, *, validated: bool, processes: int) -> TrainingArguments:
    """The arguments of a training whose checkpoints go to `folder`. Raises `RecipeError` for what cannot run here."""
    _check(recipe, processes)
    train = recipe.train
    arguments = TrainingArguments(
        output_dir=str(folder),
        seed=recipe.seed,
        data_seed=recipe.seed,
        max_steps=steps.total,
        per_device_train_batch_size=train.batch_size // processes,
        gradient_accumulation_steps=train.accumulation,
        learning_rate=train.learning_rate,
        lr_scheduler_type=train.schedule,
        warmup_steps=round(train.warmup * steps.total),
        max_grad_norm=train.clip,
        bf16=train.precision == "bfloat16",
        fp16=train.precision == "float16",
        logging_steps=max(1, steps.total // _LOGS),
        logging_nan_inf_filter=False,  # a loss that is no number must be seen, not averaged away
        save_strategy="steps",
        save_steps=steps.between,
        save_total_limit=2,
        dataloader_num_workers=train.workers,
        dataloader_pin_memory=torch.cuda.is_available(),
        remove_unused_columns=False,
        ddp_find_unused_parameters=processes > 1,  # layers that are still frozen, poolers that a task does not use
        report_to="none",
        disable_tqdm=True,
        log_level="error",
        log_level_replica="error",
        use_cpu=not torch.cuda.is_available() and not torch.backends.mps.is_available(),
        **(_validation(recipe, steps) if validated else {}),
    )
    # One process uses one device; several GPUs are for several processes. (Trainer would split batches over threads.)
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments


def _validation(recipe: Recipe, steps: Steps) -> dict[str, Any]:
    return {
        "eval_strategy": "steps",
        "eval_steps": steps.between,
        "load_best_model_at_end": True,
        "metric_for_best_model": recipe.train.metric,
        "greater_is_better": higher_is_better(recipe.train.metric),
    }


def _check(recipe: Recipe, processes: int) -> None:
    train = recipe.train
    if train.precision == "float16" and not torch.cuda.is_available():
        raise RecipeError("train.precision is float16, which needs a GPU, and there is none.", "Set it to bfloat16.")
    if train.batch_size % processes:
        raise RecipeError(
            f"train.batch_size is {train.batch_size}, which {processes} processes cannot share equally.",
            f"Set it to a multiple of {processes}.",
        )
