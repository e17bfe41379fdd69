"""Folding what peft added into the weights that it stands beside."""

from __future__ import annotations

from typing import Any

from torch import nn


def fold(tuner: Any) -> None:
    """The backbone gets its plain maps back, with the learned change in their weights."""
    plain: nn.Module = tuner.merge_and_unload()
    plain.requires_grad_(True)
