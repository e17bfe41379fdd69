"""The list of all keys of a recipe, read off the sections themselves, for messages and the reference page."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from openaisle.learning.recipe.sections import Recipe
from openaisle.settings.described import described


@dataclass(frozen=True, slots=True)
class Key:
    """One key: `path` is its dotted name; `default` is None where it is required or absent unless stated."""

    path: str
    default: Any
    required: bool
    description: str
    allowed: str
    example: str | int
    takes_bool: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a recipe; the first, of the keys above all tables, has no name."""

    name: str
    description: str
    keys: tuple[Key, ...]


@cache
def tables() -> tuple[Table, ...]:
    """Every table with its keys, in the order of the sections."""
    return tuple(_tables("", Recipe))


def keys() -> dict[str, Key]:
    """Every key by its dotted path."""
    return {key.path: key for table in tables() for key in table.keys}


def _tables(name: str, section: type[Any]) -> Iterator[Table]:
    hints = typing.get_type_hints(section, include_extras=True)
    below = [(item.name, hints[item.name]) for item in fields(section) if is_dataclass(hints[item.name])]
    own = [item for item in fields(section) if not is_dataclass(hints[item.name])]
    yield Table(
        name,
        (section.__doc__ or "").strip(),
        tuple(_key(_path(name, item.name), hints[item.name], item) for item in own),
    )
    for table, kind in below:
        yield from _tables(_path(name, table), kind)


def _path(table: str, key: str) -> str:
    return f"{table}.{key}" if table else key


def _key(path: str, hint: Any, item: Field[Any]) -> Key:
    said = described(hint)
    required = item.default is MISSING and item.default_factory is MISSING
    default = None if item.default is MISSING else item.default
    return Key(path, default, required, said.text, said.allowed, said.example, said.kind is bool)
