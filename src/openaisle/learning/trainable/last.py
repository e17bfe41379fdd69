"""The last N layers train, with whatever stands above them and the head."""

from __future__ import annotations

from torch import nn

from openaisle.errors import RecipeError
from openaisle.learning.trainable.depths import above, depths
from openaisle.learning.trainable.trained import Plan, Schedule, SizesLike


def train(module: nn.Module, backbone: nn.Module, argument: str, sizes: SizesLike, schedule: Schedule) -> Plan:
    """Raises `RecipeError` for a number of layers that the backbone has not."""
    depth = depths(backbone)
    layers = above(backbone) - 1
    if not argument.isdecimal() or not 1 <= int(argument) <= layers:
        raise RecipeError(
            f"train.what is last:{argument}.", f"This model has {layers} layers: use last:1 to last:{layers}."
        )
    module.requires_grad_(True)
    for name, parameter in backbone.named_parameters():
        parameter.requires_grad_(depth[name] > layers - int(argument))
    return Plan()
