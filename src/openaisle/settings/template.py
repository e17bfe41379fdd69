"""The openaisle.toml that a new shop begins with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from openaisle.settings.inventory import MAPPING, Section, Setting, sections

_HEAD = """\
# Settings of this shop. A setting behind a # has its default (or is an example, where there is none);
# to change it, remove the # and state another value.
# An environment variable overrides a line: OPENAISLE_SERVER_PORT=9000 is [server] port.
"""
_MAPPING_EXAMPLE = '# "Product name" = "title"'


def default_toml(name: str, encoder: str | None = None) -> str:
    """A commented openaisle.toml in which only the shop's name (and the encoder) is set and every other setting states
    its default."""
    stated = {"shop.name": name} | ({} if encoder is None else {"encoder.name": encoder})
    return "\n".join([_HEAD, *(_table(section, stated) for section in sections())])


def toml_value(value: Any) -> str:
    """A setting's value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _table(section: Section, stated: Mapping[str, str]) -> str:
    lines = [f"# {section.description}", f"[{section.name}]"]
    if section.name == MAPPING:
        lines.append(_MAPPING_EXAMPLE)
    for setting in section.settings:
        lines += [f"# {setting.description} ({setting.allowed})", _line(setting, stated)]
    return "\n".join(lines) + "\n"


def _line(setting: Setting, stated: Mapping[str, str]) -> str:
    if setting.path in stated:
        return f"{setting.key} = {toml_value(stated[setting.path])}"
    return f"# {setting.key} = {toml_value(setting.example if setting.default is None else setting.default)}"
