"""A trial as a training: the objective that `openaisle tune` tries recipes by."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from openaisle.errors import DataError
from openaisle.learning.data import Supplies
from openaisle.learning.examples import DataSet
from openaisle.learning.pipeline import Order, data_of, origin_of
from openaisle.learning.recipe import Recipe, TrackingRecipe
from openaisle.learning.training import run_training
from openaisle.learning.training.opening import begin
from openaisle.learning.tuning.tune import Watch
from openaisle.models.registry import Registry

Tell = Callable[[str, int, int | None], None]
_PREFIX = "trial-"


class TrialTraining:
    """An `Objective`: trains as `openaisle train` does, up to the best checkpoint, and keeps nothing but its figure.

    Data sets are made once for all trials that want the same. Checkpoints of the trial that runs lie in `folder`.
    """

    def __init__(self, registry: Registry, supplies: Supplies, folder: Path, tell: Tell) -> None:
        self._registry = registry
        self._supplies = supplies
        self._folder = folder
        self._tell = tell
        self._made: tuple[str, DataSet] | None = None

    def __call__(self, recipe: Recipe, number: int, watch: Watch) -> float:
        """Raises `DataError`, `ModelError`, `TrainingError`, `RecipeError`, `StorageError`, and what `watch` raises."""
        order = Order(recipe)
        origin = origin_of(order, self._registry)
        data = self._data(recipe, lambda: data_of(order, origin, self._registry, self._supplies, self._tell))
        plain = replace(origin.recipe, tracking=TrackingRecipe(tensorboard=False))
        folder = self._cleared(number)
        try:
            head = begin(plain, data).head
            followed = (_Follower(recipe.train.metric, watch),)
            trained = run_training(head, data, plain, folder, tell=self._tell, resume=False, trackers=followed)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return float("nan") if trained.best_metric is None else trained.best_metric

    def _data(self, recipe: Recipe, make: Callable[[], DataSet]) -> DataSet:
        asked = repr((recipe.data, recipe.task, recipe.base, recipe.seed))
        if self._made is None or self._made[0] != asked:
            self._made = (asked, make())
        data = self._made[1]
        if not data.validation:
            raise DataError(
                "The data have no validation split, by which tuning chooses.",
                "Set data.validation to 0.1, or name a file in data.validation_path.",
            )
        return data

    def _cleared(self, number: int) -> Path:
        """The trial's folder; what a killed trial left goes, for only one runs at a time."""
        for left in self._folder.glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = self._folder / f"{_PREFIX}{number}"
        folder.mkdir(parents=True)
        return folder


class _Follower:
    """A tracker that hands on the validation metric."""

    def __init__(self, metric: str, watch: Watch) -> None:
        self._name = f"validation/{metric}"
        self._watch = watch

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        if self._name in values:
            self._watch(values[self._name])

    def close(self) -> None:
        """Nothing is kept open."""
