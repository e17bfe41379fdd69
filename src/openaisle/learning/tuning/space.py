"""What is varied: keys of a recipe, each with the values it may take, checked by the recipe's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from openaisle.errors import RecipeError
from openaisle.learning.recipe import Recipe, Space, recipe_of
from openaisle.learning.tuning.usual import usual_space

Value = str | int | float | bool
Values = Mapping[str, Value]
"""A value for each varied key, by its dotted path."""

_MOST_DIMENSIONS = 30
_VARIED_TABLES = ("train", "model", "data")
_FIXED = (
    "train.metric",
    "train.teachers",
    "data.source",
    "data.path",
    "data.validation_path",
    "data.test_path",
    "data.columns",
    "data.train",
    "data.validation",
    "data.test",
    "data.limit",
)
"""Keys that decide what is measured, so that two trials with different values could not be compared."""


@dataclass(frozen=True, slots=True)
class FloatRange:
    """Numbers from `low` to `high`; with `log`, evenly by their logarithm; with `step`, on a grid."""

    key: str
    low: float
    high: float
    log: bool
    step: float | None

    def holds(self, value: Any) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high

    def describe(self) -> str:
        return f"{self.low:g} to {self.high:g}{', by logarithm' if self.log else ''}{_by(self.step)}"


@dataclass(frozen=True, slots=True)
class IntRange:
    """Whole numbers from `low` to `high`."""

    key: str
    low: int
    high: int
    log: bool
    step: int

    def holds(self, value: Any) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high and (value - self.low) % self.step == 0

    def describe(self) -> str:
        step = _by(self.step if self.step > 1 else None)
        return f"{self.low} to {self.high}{', by logarithm' if self.log else ''}{step}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values."""

    key: str
    choices: tuple[Value, ...]

    def holds(self, value: Any) -> bool:
        return value in self.choices

    def describe(self) -> str:
        return ", ".join(map(str, self.choices))


Dimension = FloatRange | IntRange | Choice


def dimensions_of(stated: Mapping[str, Any], folder: Path, called: str = "The recipe") -> tuple[Dimension, ...]:
    """The space of a recipe (as `stated_in` gives it; paths relative to `folder`): [tune.space], or the usual one.

    Every end and choice must be allowed for its key. Raises `RecipeError`.
    """
    recipe = recipe_of(stated, folder, called)
    spaces = recipe.tune.space or usual_space(recipe)
    if len(spaces) > _MOST_DIMENSIONS:
        raise RecipeError(
            f"{called}: tune.space varies {len(spaces)} keys, at most {_MOST_DIMENSIONS} can be.", "Vary fewer keys."
        )
    return tuple(_dimension(key, space, stated, folder, called) for key, space in spaces.items())


def varied(stated: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """What is stated, with these values in the place of those of their keys."""
    changed = deepcopy(dict(stated))
    for path, value in values.items():
        *tables, key = path.split(".")
        reduce(lambda table, name: table.setdefault(name, {}), tables, changed)[key] = value
    return changed


def value_at(recipe: Recipe, path: str) -> Any:
    return reduce(getattr, path.split("."), recipe)


def _dimension(key: str, space: Space, stated: Mapping[str, Any], folder: Path, called: str) -> Dimension:
    where = f'{called}, tune.space."{key}"'
    _require_variable(key, where)

    def checked(value: Any) -> Any:
        """The value as the recipe takes it: 16.0 for a whole number is 16."""
        return value_at(recipe_of(varied(stated, {key: value}), folder, where), key)

    if space.choices:
        return Choice(key, tuple(dict.fromkeys(_plain(checked(each), where) for each in space.choices)))
    low, high = checked(space.low), checked(space.high)
    if isinstance(low, bool) or not isinstance(low, int | float):
        raise RecipeError(
            f"{where}: the key takes no numbers, so it has no range.", "List its values: { choices = […] }."
        )
    if space.log and space.step is not None:
        raise RecipeError(f"{where} has both log and step.", "Keep one of them.")
    if isinstance(low, int):
        return IntRange(key, low, high, space.log, _whole_step(space.step, where))
    if space.step is not None and space.step <= 0:
        raise RecipeError(f"{where}: the step {space.step:g} is not above 0.", "State a step such as 0.1.")
    return FloatRange(key, low, high, space.log, space.step)


def _require_variable(key: str, where: str) -> None:
    if key.partition(".")[0] not in _VARIED_TABLES or key in _FIXED:
        raise RecipeError(
            f"{where}: {key} cannot be varied, trials would not be comparable.",
            "Vary keys of [train], [model], or how negatives are found in [data].",
        )


def _plain(value: Any, where: str) -> Value:
    if not isinstance(value, str | int | float | bool):
        raise RecipeError(
            f"{where}: the key takes a list or table, which cannot be varied.", "Leave it out of the space."
        )
    return value


def _whole_step(step: float | None, where: str) -> int:
    if step is None:
        return 1
    if step < 1 or step != int(step):
        raise RecipeError(f"{where}: the step {step:g} is not a whole number from 1.", "State a step such as 1.")
    return int(step)


def _by(step: float | None) -> str:
    return "" if step is None else f", by {step:g}"
