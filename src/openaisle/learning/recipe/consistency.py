"""Keys that are right one by one and cannot stand together."""

from __future__ import annotations

from collections.abc import Callable

from openaisle.errors import RecipeError
from openaisle.learning.recipe.sections import Recipe, Space

_HELD_BY_SHOP = ("catalogue", "clicks")
_ENCODERS = ("match", "distil", "simcse", "tsdae")
_ROUNDING = 1e-6


def check(recipe: Recipe, called: str) -> None:
    """Raises `RecipeError` for the first contradiction."""
    for rule in _RULES:
        if problem := rule(recipe):
            raise RecipeError(f"{called}: {problem[0]}", problem[1])


Problem = tuple[str, str] | None


def _shares(recipe: Recipe) -> Problem:
    data = recipe.data
    total = data.train + data.validation + data.test
    if total > 1 + _ROUNDING:
        return f"data.train, data.validation and data.test add up to {total:g}.", "Make them 1 together, or less."
    if data.train == 0:
        return "data.train is 0, so there is nothing to learn from.", "Set data.train to 0.8, for example."
    return None


def _file(recipe: Recipe) -> Problem:
    if recipe.data.path is None and recipe.data.source not in _HELD_BY_SHOP:
        return f"data.path is missing, which the source {recipe.data.source} needs.", "Name the file in data.path."
    return None


def _teachers(recipe: Recipe) -> Problem:
    if recipe.task == "distil" and not recipe.train.teachers and not recipe.model.layers:
        mend = 'Name them (teachers = ["starter"]), or set model.layers to learn from all layers of the base.'
        return "train.teachers is missing, which the task distil needs.", mend
    return None


def _length(recipe: Recipe) -> Problem:
    if recipe.train.epochs == 0 and recipe.train.max_steps == 0:
        return "train.epochs and train.max_steps are both 0.", "Set one of them."
    return None


def _accumulation(recipe: Recipe) -> Problem:
    if recipe.train.batch_size == 1 and recipe.train.loss == "multiple_negatives" and recipe.data.negatives == 0:
        return "multiple_negatives needs other examples in the batch to compare with.", "Set train.batch_size to 16."
    return None


def _vectors(recipe: Recipe) -> Problem:
    if recipe.export.vectors != "float32" and recipe.task not in _ENCODERS:
        return f"export.vectors says how vectors are kept, and the task {recipe.task} makes none.", "Leave it out."
    return None


def _grams(recipe: Recipe) -> Problem:
    if not recipe.model.grams:
        return None
    if recipe.task != "classify":
        return f"model.grams is for the task classify, and this is {recipe.task}.", "Leave it out."
    if recipe.train.loss == "few_shot":
        return "model.grams and the loss few_shot do not go together.", "Leave one of them out."
    return None


def _spaces(recipe: Recipe) -> Problem:
    for key, space in recipe.tune.space.items():
        if not _is_a_space(space):
            return (
                f'tune.space."{key}" is neither a range nor a list of choices.',
                "Write { low = 1e-5, high = 1e-3, log = true } or { choices = [16, 32] }.",
            )
    return None


def _is_a_space(space: Space) -> bool:
    if space.choices:
        return space.low is None and space.high is None
    return (
        space.low is not None
        and space.high is not None
        and space.low <= space.high
        and (not space.log or space.low > 0)
    )


_RULES: tuple[Callable[[Recipe], Problem], ...] = (
    _shares,
    _file,
    _teachers,
    _length,
    _accumulation,
    _vectors,
    _grams,
    _spaces,
)
