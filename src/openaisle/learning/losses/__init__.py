"""Losses, one a file, each with its formula and its source; and the one place where a name becomes a loss."""

from openaisle.learning.losses.protocol import LossOptions, ScoreLoss, Takes, VectorLoss
from openaisle.learning.losses.registry import build_loss, loss_names

__all__ = ["LossOptions", "ScoreLoss", "Takes", "VectorLoss", "build_loss", "loss_names"]
