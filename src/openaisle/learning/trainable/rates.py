"""Learning rates and weight decay by parameter group.

Sources: discriminative fine-tuning (Howard & Ruder 2018, "Universal Language Model Fine-tuning", section 3.2): lower
layers, which hold what is general, learn more slowly; as a constant factor a layer, as ELECTRA was fine-tuned (Clark et
al. 2020). Biases and the weights of normalisation are not decayed (Devlin et al. 2019, as published with BERT).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from openaisle.learning.trainable.depths import above, depths


@dataclass(frozen=True, slots=True)
class Rates:
    """`highest` holds at the top of the model; each layer below has `layer_decay` times the rate of the one above."""

    highest: float
    layer_decay: float
    weight_decay: float


def parameter_groups(module: nn.Module, backbone: nn.Module, rates: Rates) -> list[dict[str, Any]]:
    """Groups for an optimiser, deepest first: "params", "lr", "weight_decay", and a "name" for logs.

    Weights that need no gradient are left out. The head learns at the highest rate.
    """
    groups: dict[tuple[int, bool], dict[str, Any]] = {}
    depth = _depth_of_each(module, backbone, rates.layer_decay)
    top = max(depth.values())
    for parameter in module.parameters():
        if not parameter.requires_grad:
            continue
        key = (depth[id(parameter)], parameter.ndim > 1)
        group = groups.setdefault(key, _group(key, top, rates))
        group["params"].append(parameter)
    return [groups[key] for key in sorted(groups)]


def _depth_of_each(module: nn.Module, backbone: nn.Module, layer_decay: float) -> dict[int, int]:
    """Depth by identity of the parameter; one and the same everywhere where all learn at one rate."""
    if layer_decay == 1:
        return {id(parameter): 0 for parameter in module.parameters()}
    inside = depths(backbone)
    by_identity = {id(parameter): inside[name] for name, parameter in backbone.named_parameters()}
    return {id(parameter): by_identity.get(id(parameter), above(backbone)) for parameter in module.parameters()}


def _group(key: tuple[int, bool], top: int, rates: Rates) -> dict[str, Any]:
    depth, decays = key
    return {
        "params": [],
        "lr": rates.highest * rates.layer_decay ** (top - depth),
        "weight_decay": rates.weight_decay if decays else 0.0,
        "name": f"depth {depth}{'' if decays else ', not decayed'}",
    }
