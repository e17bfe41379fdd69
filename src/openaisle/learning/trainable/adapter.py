"""Bottleneck adapters behind the feed-forward network of each layer train; see bottleneck.py for the sources.

The adapter hangs on the layer's last linear map by a forward hook, so that all pretrained weights keep their names.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from openaisle.learning.trainable.bottleneck import Bottleneck
from openaisle.learning.trainable.linears import second_of_feed_forward
from openaisle.learning.trainable.trained import Plan, Schedule, SizesLike


def train(module: nn.Module, backbone: nn.Module, argument: str, sizes: SizesLike, schedule: Schedule) -> Plan:
    module.requires_grad_(True)
    backbone.requires_grad_(False)
    for name in second_of_feed_forward(backbone):
        linear = backbone.get_submodule(name)
        assert isinstance(linear, nn.Linear)
        linear.adapter = Bottleneck(linear.out_features, sizes.bottleneck).to(linear.weight.device)
        linear.register_forward_hook(_adapted)
    return Plan(folds=False)


def _adapted(linear: Any, inputs: tuple[Any, ...], output: Tensor) -> Tensor:
    """Takes the adapter from the map that it is called for, so that a copied model uses its own."""
    adapted: Tensor = linear.adapter(output)
    return adapted
