"""Texts with a number, and pairs of texts with how alike they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from openaisle.learning.data.rows import Row, read_rows
from openaisle.learning.examples import Scored, Valued


def from_valued(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Valued]:
    """One example a row of `text` and `value`. Raises `DataError` naming the line."""
    for row in read_rows(path, ("text", "value"), (), columns):
        yield Valued(row.text("text"), _number(row, "value"))


def from_scored(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Scored]:
    """One example a row of `left`, `right` and `score`, from 0 to 1. Raises `DataError` naming the line."""
    for row in read_rows(path, ("left", "right", "score"), (), columns):
        score = _number(row, "score")
        if not 0 <= score <= 1:
            raise row.fail(f"the score {score:g} is not from 0 to 1", "Divide scores by the largest.")
        yield Scored(row.needed("left"), row.needed("right"), score)


def _number(row: Row, name: str) -> float:
    written = row.needed(name)
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise row.fail(f"{name} is {written[:40]!r}, which is not a number", "Write it as 1, 2.5 …")
    return number
