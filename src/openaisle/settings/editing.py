"""Changes one line of openaisle.toml and leaves the rest, comments too, as the person wrote it."""

from __future__ import annotations

import re
from pathlib import Path

from openaisle.settings.loading import FILE_NAME
from openaisle.settings.template import toml_value


def set_value(folder: Path, section: str, key: str, value: str) -> None:
    """Set `key` in `[section]`, in place of the line that sets it (or shows its default in a comment)."""
    file = folder / FILE_NAME
    lines = file.read_text(encoding="utf-8").splitlines()
    start = next((place for place, line in enumerate(lines) if line.strip() == f"[{section}]"), None)
    if start is None:
        lines += ["", f"[{section}]"]
        start = len(lines) - 1
    end = next((n for n in range(start + 1, len(lines)) if lines[n].startswith("[")), len(lines))
    setting = f"{key} = {toml_value(value)}"
    stated = re.compile(rf"\s*#?\s*{re.escape(key)}\s*=")
    active = re.compile(rf"\s*{re.escape(key)}\s*=")
    places = [n for n in range(start + 1, end) if stated.match(lines[n])]
    place = next((n for n in places if active.match(lines[n])), places[0] if places else None)
    if place is None:
        lines.insert(start + 1, setting)
    else:
        lines[place] = setting
    temporary = file.with_name(f"{FILE_NAME}.tmp")
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    temporary.replace(file)
