"""Weights & Biases: online, or with WANDB_MODE=offline a folder to sync later."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import wandb

from openaisle.learning.recipe import Recipe
from openaisle.learning.recipe.stating import as_dict


class WeightsAndBiases:
    """One run in the recipe's project, named by the model and the run's folder; a resumed training goes on in it."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self._run = wandb.init(
            project=recipe.tracking.wandb,
            name=f"{recipe.name}-{folder.name}",
            id=f"{recipe.name}-{folder.name}",
            resume="allow",
            dir=str(folder),
            config=as_dict(recipe),
            settings=wandb.Settings(silent=True, console="off"),
        )

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log(dict(values), step=step)

    def close(self) -> None:
        self._run.finish()
