"""A CSV file (or TSV, gzipped or not) as named columns of text, with numbers checked row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ExperimentError
from openaisle.evaluation.lines import numbered_lines

Numbers = NDArray[np.float64]
"""One value per row."""

_MOST_ROWS = 5_000_000
_MOST_COLUMNS = 2_000
_MEND_CSV = "Give a CSV file with a header and one record a line."


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` by name, each with one text per row; `lines` are the rows' line numbers in the file."""

    name: str
    columns: Mapping[str, Sequence[str]]
    lines: Sequence[int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.lines)

    def require(self, *names: str) -> None:
        """Raises `ExperimentError` naming the first column that is missing."""
        for name in names:
            if name not in self.columns:
                close = get_close_matches(name, self.columns, n=1)
                guess = f"Did you mean {close[0]}?" if close else f"There are {', '.join(list(self.columns)[:20])}."
                raise ExperimentError(f"{self.name} has no column {name}.", guess)

    def texts(self, name: str) -> Sequence[str]:
        """A column in which every row says something."""
        self.require(name)
        column = self.columns[name]
        if "" in column:
            raise self.wrong(column.index(""), name, "is empty")
        return column

    def numbers(self, name: str) -> Numbers:
        """A column of finite numbers; raises `ExperimentError` naming the line of the first that is none."""
        values = self.measured(name)
        missing = np.isnan(values)
        if missing.any():
            raise self.wrong(int(missing.argmax()), name, "is empty")
        return values

    def measured(self, name: str) -> Numbers:
        """A column of finite numbers in which a row may be empty (NaN)."""
        self.require(name)
        texts = self.columns[name]
        try:
            values = np.array([float(text) if text else np.nan for text in texts], dtype=np.float64)
        except ValueError:
            values = None
        if values is None or not np.isfinite(values[[bool(text) for text in texts]]).all():
            row = next(place for place, text in enumerate(texts) if text and not _finite(text))
            raise self.wrong(row, name, "is not a finite number")
        return values

    def wrong(self, row: int, name: str, what: str) -> ExperimentError:
        value = self.columns[name][row]
        shown = f" {value[:60]!r}" if value else ""
        return ExperimentError(
            f"{self.name}, line {self.lines[row]}: {name}{shown} {what}.", "Correct the line or leave it out."
        )


def read_table(path: Path, called: Mapping[str, str] | None = None) -> Table:
    """The table in `path`; `called` maps our column names to the file's. Raises `ExperimentError`."""
    lines = numbered_lines(path, ExperimentError)
    first = next(lines, None)
    if first is None:
        raise ExperimentError(f"{path} is empty.", _MEND_CSV)
    separator = "\t" if "\t" in first[1] else ","
    header = _header(path, [name.strip() for name in next(csv.reader([first[1]], delimiter=separator))], called or {})
    numbers: list[int] = []
    columns: list[list[str]] = [[] for _ in header]
    for number, fields in _rows(lines, separator):
        if len(fields) != len(header):
            raise ExperimentError(
                f"{path}, line {number}: {len(fields)} fields, the header has {len(header)}.", _MEND_CSV
            )
        if len(numbers) == _MOST_ROWS:
            raise ExperimentError(f"{path} has more than {_MOST_ROWS:,} rows.", "Give a sample of it.")
        numbers.append(number)
        for column, value in zip(columns, fields, strict=True):
            column.append(value.strip())
    if not numbers:
        raise ExperimentError(f"{path} has a header and no rows.", _MEND_CSV)
    return Table(path.name, dict(zip(header, columns, strict=True)), numbers)


def _header(path: Path, written: Sequence[str], called: Mapping[str, str]) -> list[str]:
    unknown = [theirs for theirs in called.values() if theirs not in written]
    if unknown:
        raise ExperimentError(f"{path} has no column {unknown[0]}.", f"There are {', '.join(written[:20])}.")
    ours = {theirs: name for name, theirs in called.items()}
    names = [ours.get(name, name) for name in written]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None or "" in names or len(names) > _MOST_COLUMNS:
        what = f"names the column {twice} twice" if twice else "has a column without a name, or too many columns"
        raise ExperimentError(f"{path} {what}.", "Correct the header.")
    return names


def _rows(lines: Iterator[tuple[int, str]], separator: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in lines:
        yield number, next(csv.reader([line], delimiter=separator))


def _finite(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
