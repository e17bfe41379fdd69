"""Sheets for annotators: a CSV with one empty column to fill in, and what comes back of it.

A cell that a spreadsheet would take for a formula (feeds come from outside) gets an apostrophe in front, which reading
takes off again.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openaisle.errors import DataError, StorageError
from openaisle.learning.data.rows import Row, read_rows
from openaisle.learning.examples import Labelled

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
PAIR_COLUMNS = ("query", "product_id", "text", "gain")
TEXT_COLUMNS = ("text", "label")


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and a product to be judged; `text` is what the annotator sees of the product."""

    query: str
    product_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged pair that came back."""

    query: str
    product_id: str
    gain: float


def write_pairs(pairs: Iterable[Pair], path: Path) -> None:
    """A sheet of query, product_id, text and an empty gain. Raises `StorageError`."""
    _write(path, PAIR_COLUMNS, ((pair.query, pair.product_id, pair.text, "") for pair in pairs))


def write_texts(texts: Iterable[str], path: Path) -> None:
    """A sheet of text and an empty label. Raises `StorageError`."""
    _write(path, TEXT_COLUMNS, ((text, "") for text in texts))


def read_pairs(path: Path) -> tuple[Judged, ...]:
    """The pairs whose gain is filled in.

    Raises `DataError` for a gain that is no number from 0, a pair judged in two ways, and where none is filled in.
    """
    judged: dict[tuple[str, str], float] = {}
    for row in read_rows(path, ("query", "product_id", "gain")):
        if row.text("gain"):
            pair = _plain(row.needed("query")), _plain(row.needed("product_id"))
            gain = _gain(row)
            if judged.setdefault(pair, gain) != gain:
                raise row.fail(f"{pair[1]!r} is judged twice for {pair[0]!r}", "Keep one of the two lines.")
    _require(path, judged, "gain")
    return tuple(Judged(query, product, gain) for (query, product), gain in judged.items())


def read_texts(path: Path) -> tuple[Labelled, ...]:
    """The texts whose label is filled in. Raises `DataError` for a text labelled in two ways, and where none is."""
    labelled: dict[str, str] = {}
    for row in read_rows(path, ("text", "label")):
        if row.text("label"):
            text, label = _plain(row.needed("text")), _plain(row.text("label"))
            if labelled.setdefault(text, label) != label:
                raise row.fail(f"the text is labelled {labelled[text]!r} and {label!r}", "Keep one of the two lines.")
    _require(path, labelled, "label")
    return tuple(Labelled(text, (label,)) for text, label in labelled.items())


def _require(path: Path, filled: Mapping[Any, Any], column: str) -> None:
    if not filled:
        raise DataError(f"Nothing in {path} is labelled yet.", f"Fill the column {column} and save the file as CSV.")


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    try:
        # the mark tells spreadsheets that Chinese is UTF-8; reading drops it
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows([_safe(cell) for cell in row] for row in rows)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}.", "Choose a file that can be written."
        ) from error


def _safe(cell: str) -> str:
    line = " ".join(cell.split())
    return f"'{line}" if line.startswith(_FORMULA) else line


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _gain(row: Row) -> float:
    try:
        gain = float(row.text("gain"))
    except ValueError:
        gain = math.nan
    if not math.isfinite(gain) or gain < 0:
        raise row.fail(
            f"the gain is {row.text('gain')[:40]!r}", "Write 0 for no answer, 1, 2, 3 for better and better."
        )
    return gain
