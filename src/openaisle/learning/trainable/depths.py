"""How deep each weight of a transformer lies: what layer-wise rates and partial freezing go by."""

from __future__ import annotations

from torch import nn

from openaisle.learning.backbones.layers import layer_stack

_BELOW = ("embed", "relative_attention_bias")


def depths(backbone: nn.Module) -> dict[str, int]:
    """Each parameter's depth by name: 0 for embeddings, 1 to L for the layers, L + 1 for what stands above them.

    Raises `ModelError` for an architecture whose layers are not known.
    """
    stack = layer_stack(backbone)
    of_layer = {id(parameter): depth for depth, layer in enumerate(stack, 1) for parameter in layer.parameters()}
    return {
        name: of_layer.get(id(parameter), 0 if _is_below(name) else len(stack) + 1)
        for name, parameter in backbone.named_parameters()
    }


def above(backbone: nn.Module) -> int:
    """The depth of what stands above all layers: L + 1."""
    return len(layer_stack(backbone)) + 1


def _is_below(name: str) -> bool:
    return any(part in name for part in _BELOW)
