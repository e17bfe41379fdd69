"""Gradual unfreezing: the head first, then a layer more every so many steps, from the top down.

Source: Howard & Ruder 2018, "Universal Language Model Fine-tuning for Text Classification", section 3.3 (there a layer
an epoch; here by steps, so that it suits any size of data).
"""

from __future__ import annotations

from torch import distributed, nn

from openaisle.errors import TrainingError
from openaisle.learning.trainable.depths import depths
from openaisle.learning.trainable.trained import Plan, Schedule, SizesLike


def train(module: nn.Module, backbone: nn.Module, argument: str, sizes: SizesLike, schedule: Schedule) -> Plan:
    """Raises `TrainingError` in several processes: they join gradients only of weights that train from the start."""
    if distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1:
        raise TrainingError(
            "Gradual unfreezing runs in one process.", "Use train.what = everything with a layer_decay, or one process."
        )
    module.requires_grad_(True)
    depth = depths(backbone)
    top = max(depth.values())
    every = sizes.unfreeze_every or max(1, schedule.steps // 2 // top)
    by_depth = [(depth[name], parameter) for name, parameter in backbone.named_parameters()]

    def on_step(step: int) -> None:
        lowest = top - step // every
        for at, parameter in by_depth:
            parameter.requires_grad_(at > lowest)
            if at <= lowest:
                parameter.grad = None

    return Plan(on_step=on_step, fold=lambda: _thaw(module))


def _thaw(module: nn.Module) -> None:
    module.requires_grad_(True)
