"""From the name of what trains to frozen weights, added weights and parameter groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import nn

from openaisle.errors import RecipeError, TrainingError
from openaisle.learning.trainable import adalora, adapter, everything, gradual, head, ia3, last, lora, prefix, prompt
from openaisle.learning.trainable.files import save_added
from openaisle.learning.trainable.rates import Rates, parameter_groups
from openaisle.learning.trainable.trained import Counts, Plan, Schedule, Sizes, SizesLike, Trainable

Method = Callable[[nn.Module, nn.Module, str, SizesLike, Schedule], Plan]
"""A module, its backbone, what stands behind the colon, sizes, schedule: freezes, adds, and says what goes with it."""

_METHODS: Mapping[str, Method] = {
    "everything": everything.train,
    "head": head.train,
    "last": last.train,
    "gradual": gradual.train,
    "adapter": adapter.train,
    "lora": lora.train,
    "adalora": adalora.train,
    "ia3": ia3.train,
    "prefix": prefix.train,
    "prompt": prompt.train,
}


def apply(
    what: str,
    module: nn.Module,
    backbone: nn.Module,
    *,
    learning_rate: float,
    layer_decay: float = 1.0,
    weight_decay: float = 0.0,
    total_steps: int,
    accumulation: int = 1,
    sizes: SizesLike | None = None,
) -> Trainable:
    """Make ready what is to train: `everything`, `head`, `last:N`, `gradual`, `adapter`, `lora`, `adalora`, `ia3`,
    `prefix` or `prompt`.

    `backbone` is the transformer inside `module`; all other weights of `module` are its head, which always trains.
    Prefix and prompt put a wrapped backbone in its place, all others change it where it is. Every call on a fresh
    module gives the same names, so that a checkpoint loads. Raises `RecipeError` for another name, `TrainingError`
    where nothing would train or the architecture cannot take the method.
    """
    name, _, argument = what.partition(":")
    if name not in _METHODS or (argument and name != "last"):
        raise RecipeError(f"train.what is {what!r}.", f"Use one of {', '.join(_METHODS)} (last as last:N).")
    chosen = sizes or Sizes()
    plan = _METHODS[name](module, backbone, argument, chosen, Schedule(total_steps, accumulation))
    rates = Rates(learning_rate, layer_decay, weight_decay)
    groups = _groups(what, module, backbone, plan, rates)
    if plan.on_step is not None:
        plan.on_step(0)
    return Trainable(
        what,
        groups,
        Counts(sum(_count(group["params"]) for group in groups), _count(list(module.parameters()))),
        plan.on_step,
        partial(_merge, plan),
        plan.folds,
        partial(save_added, what, chosen, module, plan.folds),
    )


def _groups(what: str, module: nn.Module, backbone: nn.Module, plan: Plan, rates: Rates) -> list[dict[str, Any]]:
    groups = parameter_groups(module, backbone, rates)
    if not groups:
        raise TrainingError(
            f"With what = {what!r} nothing trains: this task adds no weights to the model.",
            "Choose another value of train.what, such as everything or lora.",
        )
    return groups


def _merge(plan: Plan) -> None:
    if plan.fold is not None:
        plan.fold()


def _count(parameters: list[nn.Parameter]) -> int:
    return sum(parameter.numel() for parameter in parameters)
