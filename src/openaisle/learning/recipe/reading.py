"""RECIPE.toml to `Recipe`: read, checked key by key, completed by what the task takes, paths made absolute."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from openaisle.errors import RecipeError
from openaisle.learning.recipe.complaint import refused, unknown_key
from openaisle.learning.recipe.consistency import check
from openaisle.learning.recipe.inventory import keys, tables
from openaisle.learning.recipe.names import ALLOWED_FALL, LOSS, METRIC, RATE, UNCOMPARED
from openaisle.learning.recipe.sections import DataRecipe, Recipe

_MAX_BYTES = 1_000_000


def read_recipe(file: Path) -> Recipe:
    """The recipe in `file`; its paths are relative to the file's folder.

    Raises `RecipeError`, which names the key, what it may be, and what to do.
    """
    return recipe_of(stated_in(file), file.resolve().parent, file.name)


def stated_in(file: Path) -> dict[str, Any]:
    """What the TOML of `file` says, unchecked: what `tune` varies before it calls `recipe_of`. Raises `RecipeError`."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        raise RecipeError(f"{file} cannot be read: {error.strerror}.", "Name a recipe, such as recipe.toml.") from None
    if len(content) > _MAX_BYTES:
        raise RecipeError(f"{file} is larger than {_MAX_BYTES:,} bytes.", "Check that it is the right file.")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise RecipeError(f"{file} is not UTF-8 text.", "Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(
            f"{file} is not valid TOML: {error}.", 'Correct the line; texts stand in quotes: task = "match".'
        ) from None


def recipe_of(stated: Mapping[str, Any], folder: Path, called: str = "The recipe") -> Recipe:
    """The recipe that nested tables state, paths relative to `folder`. Raises `RecipeError`."""
    _check_keys(stated, called)
    try:
        recipe = _schema().validate_python(stated)
    except ValidationError as error:
        raise refused(error.errors(include_url=False)[0], called) from None
    completed = _completed(recipe, stated, folder)
    check(completed, called)
    return completed


@cache
def _schema() -> TypeAdapter[Recipe]:
    return TypeAdapter(Recipe)


def _check_keys(stated: Mapping[str, Any], called: str) -> None:
    """Keys before values: pydantic would name a table, not the key in it that there is not."""
    named = {table.name for table in tables() if table.name}
    known = keys()
    for path, value in _paths(stated, named):
        if path in named and not isinstance(value, Mapping):
            raise RecipeError(f"{called}: {path} must be a table.", f"Write it as [{path}] with its keys below.")
        if path not in named and path not in known:
            raise unknown_key(path, called)
        if isinstance(value, bool) and path in known and not known[path].takes_bool:
            # validation would take true for the number 1
            raise refused({"loc": tuple(path.split(".")), "input": value}, called)


def _paths(table: Mapping[str, Any], named: set[str], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        path = f"{prefix}{key}"
        yield path, value
        if path in named and isinstance(value, Mapping):
            yield from _paths(value, named, f"{path}.")


def _completed(recipe: Recipe, stated: Mapping[str, Any], folder: Path) -> Recipe:
    train = replace(
        recipe.train,
        loss=recipe.train.loss or LOSS[recipe.task],
        metric=recipe.train.metric or METRIC[recipe.task],
        learning_rate=recipe.train.learning_rate or RATE[recipe.train.what.partition(":")[0]],
    )
    guards = "guarded" in stated.get("gate", {})  # an empty table is an answer too: nothing is guarded
    usual = {} if recipe.task in UNCOMPARED else {train.metric: ALLOWED_FALL}
    gate = recipe.gate if guards else replace(recipe.gate, guarded=usual)
    train = replace(train, teachers=tuple(_found(teacher, folder) for teacher in train.teachers))
    return replace(recipe, base=_found(recipe.base, folder), data=_placed(recipe.data, folder), train=train, gate=gate)


_BAG = "bag:"


def _found(model: str, folder: Path) -> str:
    """A model named by a folder is meant relative to the recipe, as its data are."""
    kind, name = (_BAG, model.removeprefix(_BAG)) if model.startswith(_BAG) else ("", model)
    inside = folder / Path(name).expanduser()
    return f"{kind}{inside}" if name != "starter" and inside.is_dir() else model


def _placed(data: DataRecipe, folder: Path) -> DataRecipe:
    return replace(
        data,
        path=data.path and folder / data.path,
        validation_path=data.validation_path and folder / data.validation_path,
        test_path=data.test_path and folder / data.test_path,
    )
