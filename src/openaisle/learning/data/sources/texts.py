"""Texts without labels, alone or with the same text in another language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from openaisle.errors import DataError
from openaisle.evaluation.lines import numbered_lines
from openaisle.learning.data.rows import read_rows
from openaisle.learning.examples import Plain

_PLAIN_SUFFIXES = (".txt", ".txt.gz")


def from_texts(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Plain]:
    """One example a row of `text` and, for parallel texts, `other`; every line of a .txt file is a text. Raises
    `DataError` naming the line."""
    if path.name.lower().endswith(_PLAIN_SUFFIXES):
        yield from (Plain(line.strip()) for _, line in numbered_lines(path, DataError))
        return
    for row in read_rows(path, ("text",), ("other",), columns):
        yield Plain(row.text("text"), row.text("other"))
