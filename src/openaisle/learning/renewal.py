"""Training on what has come since the last version, with some of the old beside it against forgetting."""

from __future__ import annotations

from dataclasses import replace

from openaisle.errors import DataError, ModelNotFound
from openaisle.learning.data import data_set, mix, read_data_set
from openaisle.learning.data.digest import as_line
from openaisle.learning.examples import DataSet, Example, JudgedQuery, Triplet
from openaisle.learning.recipe import Recipe
from openaisle.models.registry import Registry, Version

DATA = "data"
"""Where a version keeps the examples that it learned from."""


def last_version(registry: Registry, recipe: Recipe) -> Version:
    """The version to go on from. Raises `ModelNotFound` where there is none, or it kept no data."""
    version = registry.latest(recipe.name)
    if version is None:
        raise ModelNotFound(
            f"There is no version of {recipe.name} to go on from.", "Train the first one without --since last."
        )
    if not (version.folder / DATA).is_dir():
        raise ModelNotFound(f"{version.reference} kept no data to go on from.", "Train anew, without --since last.")
    return version


def renewed(now: DataSet, version: Version, recipe: Recipe) -> DataSet:
    """What is new in `now` beside the recipe's share of what `version` learned from.

    Raises `DataError` where nothing is new.
    """
    old = read_data_set(version.folder / DATA)
    known = {_told(example) for example in (*old.train, *old.validation, *old.test)}
    train, validation, test = (
        [example for example in split if _told(example) not in known] for split in (now.train, now.validation, now.test)
    )
    if not train:
        raise DataError(
            f"Nothing to learn from has come since {version.reference}.", "Train again when there is new data."
        )
    return mix(data_set(train, validation, test), old, recipe.data.replay, recipe.seed)


def _told(example: Example) -> bytes:
    """What an example says, without the hard negatives, which differ from one training to the next."""
    if isinstance(example, Triplet):
        return as_line(replace(example, negatives=()))
    if isinstance(example, JudgedQuery):
        return as_line(replace(example, candidates=tuple(each for each in example.candidates if each.gain > 0)))
    return as_line(example)
