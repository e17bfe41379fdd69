"""openaisle.toml and OPENAISLE_… variables to `Settings`."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from openaisle.errors import SettingsError, ShopNotFound, StorageError
from openaisle.settings.complaint import refused, unknown_key, unknown_variable
from openaisle.settings.environment import overrides
from openaisle.settings.inventory import MAPPING, sections, settings
from openaisle.settings.sections import Settings

FILE_NAME = "openaisle.toml"
_MAX_BYTES = 1_000_000


def load(folder: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the shop in `folder`: the defaults, then openaisle.toml, then OPENAISLE_SECTION_KEY variables.

    Raises `ShopNotFound` when the folder has no openaisle.toml and `SettingsError` for a key that is not known or a
    value that cannot be used; it names the key, the line and what is allowed.
    """
    source = _read(folder / FILE_NAME)
    stated = _parse(source)
    _check_keys(stated, source)
    given = os.environ if environment is None else environment
    variables, unknown = overrides(given)
    _check_variables(unknown, stated, variables)
    for path, value in variables.items():
        _put(stated, path, value)
    return _validated(stated, source, frozenset(variables))


def _read(file: Path) -> str:
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        folder = file.parent
        raise ShopNotFound(
            f"There is no {FILE_NAME} in {folder}.", f"Make a shop there with: openaisle init {folder}"
        ) from None
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror}.", "Check the file's permissions.") from error
    if len(content) > _MAX_BYTES:
        raise SettingsError(f"{file} is larger than {_MAX_BYTES:,} bytes.", "Check that it is the right file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8 text.", "Save it as UTF-8.") from None


def _parse(source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{FILE_NAME} is not valid TOML: {error}.", 'Correct the line; texts stand in quotes: name = "My shop".'
        ) from None


def _check_keys(stated: Mapping[str, Any], source: str) -> None:
    tables = {section.name for section in sections()}
    known = settings()
    for path, value in _paths(stated):
        if path in tables and not isinstance(value, dict):
            raise SettingsError(f"{FILE_NAME}: {path} must be a table.", f"Write it as [{path}] with its keys below.")
        if path not in tables and path not in known:
            raise unknown_key(path, source)
        if isinstance(value, bool) and path in known and not isinstance(known[path].default, bool):
            # Validation would take true for the number 1.
            raise refused({"loc": tuple(path.split(".")), "input": value}, source, frozenset())


def _paths(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in table.items():
        path = f"{prefix}{key}"
        found.append((path, value))
        if isinstance(value, dict) and path != MAPPING:
            found.extend(_paths(value, f"{path}."))
    return found


def _check_variables(unknown: list[str], stated: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
    """A variable that the shop keeps its endpoint's key in may be called anything."""
    key_name = variables.get("encoder.api_key_env") or stated.get("encoder", {}).get("api_key_env")
    for name in unknown:
        if name != key_name:
            raise unknown_variable(name)


def _put(stated: dict[str, Any], path: str, value: Any) -> None:
    *tables, key = path.split(".")
    for table in tables:
        stated = stated.setdefault(table, {})
    stated[key] = value


def _validated(stated: dict[str, Any], source: str, variables: frozenset[str]) -> Settings:
    try:
        return _schema().validate_python(stated)
    except ValidationError as error:
        raise refused(error.errors(include_url=False)[0], source, variables) from None


@cache
def _schema() -> TypeAdapter[Settings]:
    return TypeAdapter(Settings)
