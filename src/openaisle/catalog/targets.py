"""Where a feed's column goes, and how its value is put there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from openaisle.catalog.attribute_kinds import Kind, converted
from openaisle.catalog.fields import PARSERS
from openaisle.catalog.mapping_names import LANGUAGES, TEXT_FIELDS, plain
from openaisle.errors import SettingsError

IGNORE = "-"
_APPENDED = ("category", "images")


@dataclass(frozen=True, slots=True)
class Target:
    """A product field (with a language, or a key of `attributes` or `ranking`); `append` adds to a list field."""

    field: str
    key: str | None = None
    kind: Kind | None = None
    append: bool = False

    @property
    def label(self) -> str:
        """As it is written in openaisle.toml."""
        kind = f":{self.kind.value}" if self.kind and self.kind is not Kind.TEXT else ""
        return f"{self.field}.{self.key}{kind}" if self.key is not None else self.field


def parse_target(text: str) -> Target:
    """The target that a setting names: `price`, `title.en`, `attributes.colour`, `attributes.size:text`, or `-`."""
    field, dot, key = text.strip().partition(".")
    if field == IGNORE:
        return Target(IGNORE)
    if field in {"attributes", "ranking"} and key:
        name, _, kind = key.rpartition(":")
        if name and kind in set(Kind):
            return Target(field, name, Kind(kind))
        return Target(field, key)
    if field in TEXT_FIELDS and key:
        return Target(field, LANGUAGES.get(plain(key), key))
    if field in PARSERS and not dot:
        return Target(field)
    raise SettingsError(
        f"The mapping names {text[:60]!r}, which is no product field.",
        f'Use one of {", ".join(PARSERS)}, "title.en", "attributes.NAME", "ranking.NAME" or "-".',
    )


def put(record: dict[str, Any], target: Target, value: Any) -> bool:
    """Put a value into the record; False when a text did not fit its attribute's kind and was kept as text."""
    if target.append:
        parts = record.get(target.field)
        parts = parts if isinstance(parts, list) else [] if parts is None else [parts]
        record[target.field] = [*parts, value]
    elif target.field == "attributes":
        return _put_attribute(record, target, value)
    elif target.field == "ranking":
        record["ranking"] = {**record.get("ranking", {}), **({target.key: value} if target.key else _object(value))}
    elif target.field in TEXT_FIELDS:
        _put_text(record, target, value)
    elif target.field != IGNORE:
        record[target.field] = value
    return True


def _put_attribute(record: dict[str, Any], target: Target, value: Any) -> bool:
    attributes = record.get("attributes")
    if attributes is None:
        attributes = record["attributes"] = {}
    if target.key is None:
        attributes.update(_object(value))
        return True
    if isinstance(value, str) and target.kind is not None and target.kind is not Kind.TEXT:
        try:
            attributes[target.key] = converted(value, target.kind)
        except ValueError:
            attributes[target.key] = value
            return False
    else:
        attributes[target.key] = str(value) if target.kind is Kind.TEXT and not isinstance(value, list) else value
    return True


def _put_text(record: dict[str, Any], target: Target, value: Any) -> None:
    known = record.get(target.field)
    if known is None and target.key is None:
        record[target.field] = value
        return
    texts = dict(known) if isinstance(known, Mapping) else {} if known is None else {"": known}
    texts.update(value if isinstance(value, Mapping) else {target.key or "": value})
    record[target.field] = texts


def _object(value: Any) -> Mapping[str, Any]:
    """An object, or the JSON text of one as a CSV cell holds it; anything else stays under its own name."""
    if isinstance(value, Mapping):
        return value
    try:
        parsed = orjson.loads(value)
    except (orjson.JSONDecodeError, TypeError):
        parsed = None
    return parsed if isinstance(parsed, dict) else {"attributes": value}


def is_appended(field: str) -> bool:
    return field in _APPENDED
