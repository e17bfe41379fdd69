"""The best recipe as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openaisle.learning.tuning.space import varied
from openaisle.learning.tuning.trials import Tuned
from openaisle.settings.template import toml_value


def best_recipe(stated: Mapping[str, Any], tuned: Tuned) -> str:
    """The stated recipe with the best trial's values in place, as TOML, without its [tune]."""
    best = tuned.best
    against = f"; as written {tuned.written.value:.4f}" if tuned.written and tuned.written.value is not None else ""
    head = [
        f"# The best of {len(tuned.trials)} trials by {tuned.metric} on the validation split:",
        f"# {best.value:.4f} (trial {best.number}{against}).",
    ]
    recipe = {name: value for name, value in varied(stated, best.values).items() if name != "tune"}
    return "\n".join([*head, *_lines(recipe)]) + "\n"


def _lines(recipe: Mapping[str, Any]) -> Iterator[str]:
    for key, value in recipe.items():
        if not isinstance(value, Mapping):
            yield f"{key} = {_toml(value)}"
    for key, value in recipe.items():
        if isinstance(value, Mapping):
            yield ""
            yield f"[{key}]"
            yield from (f"{inner} = {_toml(each)}" for inner, each in value.items())


def _toml(value: Any) -> str:
    """Tables of a table are written inline, which is how recipes have them."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml_value(str(key))} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return toml_value(value)
