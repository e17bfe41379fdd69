"""Data sets on disk: train.jsonl, validation.jsonl, test.jsonl, and a manifest with the digest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from openaisle.errors import DataError, StorageError
from openaisle.learning.data.digest import SPLITS, as_line, data_set
from openaisle.learning.data.long_lines import numbered_bytes
from openaisle.learning.examples import (
    DataSet,
    Example,
    JudgedQuery,
    Labelled,
    Plain,
    Scored,
    Tagged,
    Triplet,
    Valued,
)

MANIFEST = "manifest.json"
_KINDS: Mapping[str, type[Example]] = {
    kind.__name__: kind for kind in (JudgedQuery, Triplet, Scored, Labelled, Valued, Tagged, Plain)
}


def write_data_set(data: DataSet, folder: Path, about: Mapping[str, Any] | None = None) -> Path:
    """Write the splits and then the manifest into `folder`, which is made; returns the manifest's path.

    A folder that has no manifest is not a whole data set. Raises `StorageError`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        manifest = folder / MANIFEST
        manifest.unlink(missing_ok=True)
        for name in SPLITS:
            write_examples(getattr(data, name), folder / f"{name}.jsonl")
        manifest.write_bytes(orjson.dumps(describe(data) | dict(about or {}), option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise StorageError(
            f"The data set cannot be written to {folder}: {error.strerror}.", "Choose a folder with space to write."
        ) from error
    return manifest


def describe(data: DataSet) -> dict[str, Any]:
    """What a manifest says of a data set: kind of example, how many in each split, digest."""
    kinds = [type(example).__name__ for name in SPLITS for example in getattr(data, name)[:1]]
    counts = {name: len(getattr(data, name)) for name in SPLITS}
    return {"kind": kinds[0] if kinds else "", "examples": counts, "digest": data.digest}


def read_data_set(folder: Path) -> DataSet:
    """The data set in `folder`. Raises `DataError` where a file is missing, broken or not what the manifest says."""
    manifest = _manifest(folder / MANIFEST)
    data = data_set(*(read_examples(folder / f"{name}.jsonl") for name in SPLITS))
    if data.digest != manifest.get("digest"):
        raise DataError(
            f"{folder}: the examples are not those of the manifest.", "Build the data set again: openaisle data build."
        )
    return data


def write_examples(examples: Iterable[Example], path: Path) -> None:
    """One example a line. Raises OSError."""
    with path.open("wb") as file:
        for example in examples:
            file.write(as_line(example))


def read_examples(path: Path) -> Iterator[Example]:
    """What `write_examples` wrote, checked. Raises `DataError` naming the line."""
    for number, line in numbered_bytes(path):
        try:
            yield _example(orjson.loads(line))
        except (orjson.JSONDecodeError, ValidationError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}, line {number}: not an example ({_short(error)}).", "Build the data set again."
            ) from None


def _example(body: Any) -> Example:
    if not isinstance(body, dict):
        raise TypeError("no object")
    kind = body.pop("kind")
    return _schema(kind).validate_python(body)


@cache
def _schema(kind: str) -> TypeAdapter[Example]:
    return TypeAdapter(_KINDS[kind])


def _manifest(path: Path) -> dict[str, Any]:
    try:
        body = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise DataError(f"{path} is no manifest of a data set: {error}.", "Name a folder of `data build`.") from None
    return body if isinstance(body, dict) else {}


def _short(error: Exception) -> str:
    if isinstance(error, ValidationError):
        problem = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
    return str(error)[:200]
