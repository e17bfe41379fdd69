"""The list of all settings, read off the sections themselves, for messages, the template and the reference page."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal

from annotated_types import Interval, Len

from openaisle.settings.sections import Doc, Settings

MAPPING = "mapping"
"""The one table with keys of the user's own: source column to field."""
MAPPING_DOC = "Column of the feed = field of the product, for columns that are not recognised. See `ingest --dry-run`."


@dataclass(frozen=True, slots=True)
class Setting:
    """One key: `path` is its dotted name; a setting that is absent unless stated has an example and no default."""

    path: str
    default: Any
    description: str
    allowed: str
    example: str | int
    is_list: bool

    @property
    def section(self) -> str:
        return self.path.rpartition(".")[0]

    @property
    def key(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return "OPENAISLE_" + self.path.replace(".", "_").upper()


@dataclass(frozen=True, slots=True)
class Section:
    """One table of openaisle.toml; `name` is dotted for a nested table."""

    name: str
    description: str
    settings: tuple[Setting, ...]


@cache
def sections() -> tuple[Section, ...]:
    """Every table with its settings, in the order of the file; the mapping has no settings of its own."""
    return tuple(_sections("", Settings()))


def settings() -> dict[str, Setting]:
    """Every setting by its dotted path."""
    return {setting.path: setting for section in sections() for setting in section.settings}


def _sections(name: str, defaults: Any) -> Iterator[Section]:
    nested: list[tuple[str, Any]] = []
    own = []
    hints = typing.get_type_hints(type(defaults), include_extras=True)
    for item in fields(defaults):
        path = f"{name}.{item.name}" if name else item.name
        value = getattr(defaults, item.name)
        if is_dataclass(value):
            nested.append((path, value))
        elif path != MAPPING:
            own.append(_setting(path, hints[item.name], value))
        else:
            nested.append((path, None))
    if name:
        yield Section(name, _docstring(defaults), tuple(own))
    for path, value in nested:
        if value is None:
            yield Section(MAPPING, MAPPING_DOC, ())
        else:
            yield from _sections(path, value)


def _docstring(section: Any) -> str:
    return (type(section).__doc__ or "").strip()


def _setting(path: str, hint: Any, default: Any) -> Setting:
    doc = next(item for item in hint.__metadata__ if isinstance(item, Doc))
    is_list = isinstance(default, tuple)
    return Setting(path, default, doc.text, doc.allowed or _allowed(hint), doc.example, is_list)


def _allowed(hint: Any) -> str:
    bare, metadata = _unwrapped(hint)
    if typing.get_origin(bare) is Literal:
        return "one of " + ", ".join(map(str, typing.get_args(bare)))
    if bare is bool:
        return "true or false"
    if bare is str:
        length = next((item for item in metadata if isinstance(item, Len)), None)
        return f"text of at most {length.max_length:,} characters" if length else "text"
    bounds = next((item for item in metadata if isinstance(item, Interval)), Interval())
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
