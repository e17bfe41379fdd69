"""Texts and pairs on their way to annotators and back: a CSV for spreadsheets, or JSON Lines.

Columns: `id`, `text`, `other` (the second text of a pair), `suggestion` (what the model would say), and `label`, which
annotators fill.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from openaisle.errors import DataError, StorageError
from openaisle.learning.data.rows import Row, read_rows
from openaisle.learning.examples import Labelled, Scored

COLUMNS = ("id", "text", "other", "suggestion", "label")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins so; an apostrophe before it makes it text."""


@dataclass(frozen=True, slots=True)
class Item:
    """A text, or a pair of texts where `other` is not empty, that is to be labelled, or has been."""

    id: str
    text: str
    other: str = ""
    suggestion: str = ""
    label: str = ""


def write_items(path: Path, items: Iterable[Item]) -> None:
    """Write `path` anew: JSON Lines where it ends in .jsonl, else CSV that spreadsheets open as UTF-8.

    Raises `StorageError` when it cannot be written.
    """
    try:
        if path.suffix == ".jsonl":
            path.write_bytes(b"".join(orjson.dumps(item) + b"\n" for item in items))
        else:
            _write_csv(path, items)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}.", "Free space or choose another place."
        ) from error


def _write_csv(path: Path, items: Iterable[Item]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows([_escaped(getattr(item, column)) for column in COLUMNS] for item in items)


def read_items(path: Path) -> list[Item]:
    """The items that have a label by now, in order. Raises `DataError` naming the line, or when none has."""
    items = list(_labelled(path))
    if not items:
        raise DataError(f"Nothing in {path} has a label.", "Fill the column `label` and save the file.")
    return items


def _labelled(path: Path) -> Iterator[Item]:
    plain = path.suffix == ".jsonl"
    for row in read_rows(path, ("text", "label"), ("id", "other", "suggestion")):
        values = {column: row.text(column) if plain else _unescaped(row.text(column)) for column in COLUMNS}
        if values["label"]:
            _require_text(row, values["text"])
            yield Item(**values)


def _require_text(row: Row, text: str) -> None:
    if not text:
        raise row.fail("a label without a text", "Keep the column `text` as it was exported.")


def as_labelled(items: Sequence[Item]) -> list[Labelled]:
    """Texts with their labels; of a text labelled twice, the last."""
    return [Labelled(text, (label,)) for text, label in {item.text: item.label for item in items}.items()]


def as_scored(items: Sequence[Item]) -> list[Scored]:
    """Pairs with how well the second answers the first, 0 to 1. Raises `DataError` for another label."""
    return [Scored(item.text, item.other, _score(item)) for item in items]


def _score(item: Item) -> float:
    try:
        score = float(item.label)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise DataError(f"The label of {item.id or item.text!r} is {item.label!r}.", "Label pairs from 0 to 1.")
    return score


def _escaped(value: str) -> str:
    return f"'{value}" if value.startswith((*_FORMULA, "'")) else value


def _unescaped(value: str) -> str:
    return value[1:] if value.startswith("'") and value[1:].startswith((*_FORMULA, "'")) else value
