"""The optimiser that a recipe names, over the groups of weights that train."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch.optim import Optimizer

from openaisle.errors import RecipeError
from openaisle.learning.recipe import TrainRecipe

_NOT_FOR_THIS = frozenset({"optimizer", "lbfgs", "sparseadam", "muon"})
"""They need the loss again within a step, sparse gradients, or matrices only."""

_FUSED = frozenset({"adamw", "adam", "sgd"})
"""These do a step in one pass over the weights, on processors and GPUs alike."""


def build_optimizer(groups: Sequence[dict[str, Any]], recipe: TrainRecipe) -> Optimizer:
    """The optimiser over parameter groups; a group's own `lr` and `weight_decay` go before the recipe's.

    Raises `RecipeError` for a name that torch.optim does not have.
    """
    kind = _kind(recipe.optimizer)
    accepted = inspect.signature(kind).parameters
    wanted: dict[str, Any] = {
        "lr": recipe.learning_rate,
        "weight_decay": recipe.weight_decay,
        "momentum": recipe.momentum,
        "fused": recipe.optimizer.lower() in _FUSED,
    }
    return kind(list(groups), **{name: value for name, value in wanted.items() if name in accepted})


def _kind(name: str) -> type[Optimizer]:
    kinds = {
        found.lower(): kind
        for found, kind in vars(torch.optim).items()
        if isinstance(kind, type) and issubclass(kind, Optimizer) and found.lower() not in _NOT_FOR_THIS
    }
    if name.lower() not in kinds:
        raise RecipeError(
            f"train.optimizer cannot be {name!r}: there is no such optimiser.",
            f"Set it to one of {', '.join(sorted(kinds))}.",
        )
    return kinds[name.lower()]
