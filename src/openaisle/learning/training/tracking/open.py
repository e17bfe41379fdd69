"""The trackers that a recipe asks for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from openaisle.errors import MissingExtra
from openaisle.learning.recipe import Recipe


class Tracker(Protocol):
    """Something that keeps numbers by step."""

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Keep the values of one step."""

    def close(self) -> None:
        """Write what is left to write."""


def open_trackers(recipe: Recipe, folder: Path) -> list[Tracker]:
    """The trackers of a run whose files go to `folder`. Raises `MissingExtra`."""
    trackers: list[Tracker] = []
    if recipe.tracking.tensorboard:
        from openaisle.learning.training.tracking.tensorboard import TensorBoard

        trackers.append(TensorBoard(folder / "tensorboard"))
    if recipe.tracking.wandb:
        _require("wandb", "Weights & Biases")
        from openaisle.learning.training.tracking.wandb import WeightsAndBiases

        trackers.append(WeightsAndBiases(recipe, folder))
    if recipe.tracking.mlflow:
        _require("mlflow", "MLflow")
        from openaisle.learning.training.tracking.mlflow import MLflow

        trackers.append(MLflow(recipe, folder))
    return trackers


def _require(module: str, called: str) -> None:
    if find_spec(module) is None:
        raise MissingExtra(
            f"The recipe tracks with {called}, which is not installed.",
            f"Install it with: pip install {module}; or remove tracking.{module} from the recipe.",
        )
