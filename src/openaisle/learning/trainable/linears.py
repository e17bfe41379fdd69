"""Which linear maps of a transformer's layers are which, by name, whatever the family calls them."""

from __future__ import annotations

from torch import nn

from openaisle.errors import ModelError
from openaisle.learning.backbones.layers import layer_stack

_QUERY = ("query", "q_lin", "q", "q_proj")
_KEY = ("key", "k_lin", "k", "k_proj")
_VALUE = ("value", "v_lin", "v", "v_proj")
_JOINED = ("Wqkv", "qkv", "in_proj")


def all_linears(backbone: nn.Module) -> list[str]:
    """Every linear map of every layer, by its name in `backbone`."""
    inside = {id(module) for module in layer_stack(backbone).modules() if isinstance(module, nn.Linear)}
    return [name for name, module in backbone.named_modules() if id(module) in inside]


def queries_and_values(backbone: nn.Module) -> list[str]:
    return _called(backbone, _QUERY + _VALUE + _JOINED)


def keys_and_values(backbone: nn.Module) -> list[str]:
    return _called(backbone, _KEY + _VALUE + _JOINED)


def second_of_feed_forward(backbone: nn.Module) -> list[str]:
    """The map of each layer that brings the feed-forward network back to the model's width: its last linear map."""
    last = {id(_linears_of(layer)[-1]) for layer in layer_stack(backbone)}
    return [name for name, module in backbone.named_modules() if id(module) in last]


def _linears_of(layer: nn.Module) -> list[nn.Linear]:
    return [module for module in layer.modules() if isinstance(module, nn.Linear)]


def _called(backbone: nn.Module, allowed: tuple[str, ...]) -> list[str]:
    names = [name for name in all_linears(backbone) if name.rpartition(".")[2] in allowed]
    if not names:
        raise ModelError(
            f"The attention of a {type(backbone).__name__} has no linear maps of a known name.",
            "Use train.what = adapter or everything.",
        )
    return names
