"""Only what the task adds trains; the pretrained model is a fixed reader of text."""

from __future__ import annotations

from torch import nn

from openaisle.learning.trainable.trained import Plan, Schedule, SizesLike


def train(module: nn.Module, backbone: nn.Module, argument: str, sizes: SizesLike, schedule: Schedule) -> Plan:
    module.requires_grad_(True)
    backbone.requires_grad_(False)
    return Plan()
