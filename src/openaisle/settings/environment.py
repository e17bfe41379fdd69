"""OPENAISLE_SECTION_KEY variables as setting values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openaisle.settings.inventory import MAPPING, Setting, sections, settings

PREFIX = "OPENAISLE_"


def overrides(environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The values of all set variables by dotted path, and the names that look like a setting's but are none's.

    An empty variable counts as not set. A list is written with commas. Variables whose name does not begin with a
    section's (`OPENAISLE_HOME`) are someone else's.
    """
    by_variable = {setting.variable: setting for setting in settings().values()}
    prefixes = _section_prefixes()
    values = {}
    unknown = []
    for name, text in environment.items():
        setting = by_variable.get(name)
        if setting is not None and text:
            values[setting.path] = _value(setting, text)
        elif setting is None and name.startswith(prefixes):
            unknown.append(name)
    return values, unknown


def _section_prefixes() -> tuple[str, ...]:
    return tuple(f"{PREFIX}{section.name.upper()}_" for section in sections() if section.name != MAPPING)


def _value(setting: Setting, text: str) -> Any:
    return [part.strip() for part in text.split(",") if part.strip()] if setting.is_list else text
