"""The list of all settings, read off the sections themselves, for messages, the template and the reference page."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from openaisle.settings.described import described
from openaisle.settings.sections import Settings

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
    said = described(hint)
    return Setting(path, default, said.text, said.allowed, said.example, isinstance(default, tuple))
