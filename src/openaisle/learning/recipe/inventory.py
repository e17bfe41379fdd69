"""The list of all keys of a recipe, read off the sections themselves, for messages and the reference page."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal

from annotated_types import Interval, Len

from openaisle.learning.recipe.sections import Recipe
from openaisle.settings.sections import Doc


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
    bare, metadata = _unwrapped(hint)
    doc = next(one for one in metadata if isinstance(one, Doc))
    required = item.default is MISSING and item.default_factory is MISSING
    default = None if item.default is MISSING else item.default
    return Key(path, default, required, doc.text, doc.allowed or _allowed(bare, metadata), doc.example, bare is bool)


def _allowed(bare: Any, metadata: tuple[Any, ...]) -> str:
    if typing.get_origin(bare) is Literal:
        return "one of " + ", ".join(map(str, typing.get_args(bare)))
    if bare is bool:
        return "true or false"
    if bare is str:
        length = next((one for one in metadata if isinstance(one, Len)), None)
        return f"text of at most {length.max_length:,} characters" if length else "text"
    bounds = next((one for one in metadata if isinstance(one, Interval)), Interval())
    kind = "a whole number" if bare is int else "a number"
    return f"{kind} from {bounds.ge:,} to {bounds.le:,}"


def _unwrapped(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """The plain type under Annotated and Optional, and all that the annotations said."""
    metadata: tuple[Any, ...] = ()
    while True:
        if typing.get_origin(hint) is Annotated:
            metadata += hint.__metadata__
            hint = hint.__origin__
        elif typing.get_origin(hint) in (types.UnionType, typing.Union):
            hint = next(option for option in typing.get_args(hint) if option is not type(None))
        else:
            return hint, metadata
