"""How a setting that cannot be used is reported: key, line, value, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from openaisle.errors import SettingsError
from openaisle.settings.inventory import MAPPING, sections, settings

_FILE = "openaisle.toml"
_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def unknown_key(path: str, source: str) -> SettingsError:
    known = [*settings(), *(section.name for section in sections())]
    return SettingsError(
        f"{_place(path, source)}: there is no setting {path}.",
        _did_you_mean(path, known) or "See docs/reference/settings.md for all settings.",
    )


def unknown_variable(name: str) -> SettingsError:
    known = [setting.variable for setting in settings().values()]
    return SettingsError(
        f"The environment variable {name} names no setting.",
        _did_you_mean(name, known) or "Unset it, or see docs/reference/settings.md for all settings.",
    )


def refused(problem: Mapping[str, Any], source: str, variables: frozenset[str]) -> SettingsError:
    """The error for the first thing that validation found wrong."""
    path = _path(problem["loc"])
    setting = settings().get(path)
    if setting is None:
        column = problem["loc"][1] if len(problem["loc"]) > 1 else ""
        return SettingsError(
            f"{_place(f'{MAPPING}.{column}', source)}: the field of column {column} must be text.",
            'Write it like this: "Preis" = "price".',
        )
    place = f"The environment variable {setting.variable}" if path in variables else _place(path, source)
    return SettingsError(f"{place}: {path} cannot be {_shown(problem['input'])}.", f"Set it to {setting.allowed}.")


def line_of(path: str, source: str) -> int | None:
    """The line, from 1, on which a key or table stands; None when it is written in a way that is not found."""
    table = ""
    for number, line in enumerate(source.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = _bare(header.group(1)) + "."
            if table == f"{path}.":
                return number
        elif (key := _KEY.match(line)) and table + _bare(key.group(1)) == path:
            return number
    return None


def _path(location: tuple[str | int, ...]) -> str:
    known = settings()
    for end in range(len(location), 0, -1):
        path = ".".join(map(str, location[:end]))
        if path in known:
            return path
    return ".".join(map(str, location))


def _place(path: str, source: str) -> str:
    line = line_of(path, source)
    return _FILE if line is None else f"{_FILE}, line {line}"


def _bare(name: str) -> str:
    return re.sub(r"""\s*\.\s*""", ".", name).replace('"', "").replace("'", "")


def _did_you_mean(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    if not close:
        last = name.rpartition(".")[2]
        close = [path for path in known if path.rpartition(".")[2] == last][:1]
    return f"Did you mean {close[0]}?" if close else ""


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
