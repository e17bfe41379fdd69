"""A transformer's layers in order, whatever its family calls them, and a copy with fewer."""

from __future__ import annotations

from typing import Any

from torch import nn

from openaisle.errors import ModelError

_STACKS = ("encoder.layer", "transformer.layer", "encoder.layers", "layers", "encoder.block")
_COUNTS = ("num_hidden_layers", "n_layers", "num_layers")


def layer_stack(model: nn.Module) -> nn.ModuleList:
    """The stack of layers, lowest first. Raises `ModelError` for an architecture that has none to tell apart."""
    for path in _STACKS:
        found: Any = model
        for part in path.split("."):
            found = getattr(found, part, None)
        if isinstance(found, nn.ModuleList):
            return found
    raise ModelError(
        f"The layers of a {type(model).__name__} are not known.", "Use an encoder of the BERT or RoBERTa family."
    )


def evenly(count: int, kept: int) -> list[int]:
    """Which of `count` layers to keep: the last, and evenly down from it, as students of deep teachers begin."""
    return [round((index + 1) * count / kept) - 1 for index in range(kept)]


def keep(model: nn.Module, positions: list[int]) -> None:
    """Leave only the layers at these positions, in this order; the configuration follows. Raises `ModelError` for a
    position that the model has not."""
    stack = layer_stack(model)
    if max(positions) >= len(stack):
        raise ModelError(f"There is no layer {max(positions)} in {len(stack)} layers.", "Count them from 0.")
    remaining = [stack[position] for position in positions]
    del stack[:]
    stack.extend(remaining)
    config: Any = model.config
    for name in _COUNTS:
        if hasattr(config, name):
            setattr(config, name, len(remaining))
            return
