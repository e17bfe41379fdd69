"""How a key that cannot be used is reported: its path, its value, what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from openaisle.errors import RecipeError
from openaisle.learning.recipe.inventory import keys, tables

_LONGEST_SHOWN = 80


def unknown_key(path: str, called: str) -> RecipeError:
    known = [*keys(), *(table.name for table in tables() if table.name)]
    return RecipeError(f"{called}: there is no key {path}.", _did_you_mean(path, known))


def refused(problem: Mapping[str, Any], called: str) -> RecipeError:
    """The error for the first thing that validation found wrong."""
    location = tuple(map(str, problem["loc"]))
    path = next((found for found in _prefixes(location) if found in keys()), ".".join(location))
    key = keys().get(path)
    if problem.get("type") == "missing" and key is not None and key.required:
        return RecipeError(f"{called}: {path} is missing.", f"Set {path} to {key.allowed}.")
    if key is None:
        return RecipeError(f"{called}: {path} cannot be {_shown(problem['input'])}.", "Check the key.")
    return RecipeError(f"{called}: {path} cannot be {_shown(problem['input'])}.", f"Set it to {key.allowed}.")


def _prefixes(location: tuple[str, ...]) -> list[str]:
    return [".".join(location[:end]) for end in range(len(location), 0, -1)]


def _did_you_mean(path: str, known: list[str]) -> str:
    last = path.rpartition(".")[2]
    elsewhere = [name for name in known if name.rpartition(".")[2] == last]
    close = elsewhere or get_close_matches(path, known, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]}?"
    siblings = [name for name in known if name.rpartition(".")[0] == path.rpartition(".")[0]]
    return f"There are {', '.join(siblings or known)}."


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
