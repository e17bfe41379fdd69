"""The layer that a task adds on top of a text's or a token's vector."""

from __future__ import annotations

from torch import nn

from openaisle.learning.backbones import Backbone


def fresh(backbone: Backbone, outputs: int) -> nn.Sequential:
    """Dropout as in the backbone, then an untrained linear layer that begins near 0."""
    layer = nn.Linear(backbone.width, outputs)
    nn.init.normal_(layer.weight, std=0.02)
    nn.init.zeros_(layer.bias)
    dropout = getattr(backbone.config, "hidden_dropout_prob", None)
    return nn.Sequential(nn.Dropout(0.1 if dropout is None else float(dropout)), layer)
