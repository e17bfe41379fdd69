"""A training written down, so that another process can do it: the recipe and the examples in the folder of its run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from openaisle.errors import TrainingError
from openaisle.learning.data import read_data_set, write_data_set
from openaisle.learning.examples import DataSet
from openaisle.learning.recipe import Recipe, recipe_of
from openaisle.learning.recipe.stating import as_stated

_RECIPE, _DATA, TRAINED = "recipe.json", "data", "trained"


@dataclass(frozen=True, slots=True)
class Job:
    """`folder` is the run's; its checkpoints lie in it, and the finished head in `folder/trained`."""

    recipe: Recipe
    data: DataSet
    folder: Path

    @property
    def trained(self) -> Path:
        return self.folder / TRAINED


def write_job(job: Job) -> None:
    """Write the job into its folder. Raises `StorageError`."""
    write_data_set(job.data, job.folder / _DATA)
    unfinished = job.folder / f"{_RECIPE}.tmp"
    unfinished.write_text(json.dumps(as_stated(job.recipe)), encoding="utf-8")
    unfinished.replace(job.folder / _RECIPE)


def job_is_written(folder: Path) -> bool:
    """Whether `write_job` came to its end: the recipe is written last."""
    return (folder / _RECIPE).is_file()


def read_job(folder: Path) -> Job:
    """The job in `folder`. Raises `TrainingError` where there is none, `DataError` where its data are damaged."""
    try:
        stated = json.loads((folder / _RECIPE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{folder} holds no training: {error}.", "Start it with: openaisle train.") from error
    return Job(recipe_of(stated, folder), read_data_set(folder / _DATA), folder)
