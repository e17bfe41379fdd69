"""Rows of a file of CSV, TSV or JSON Lines, gzipped or not, with their line numbers, within limits."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import orjson

from openaisle.errors import DataError
from openaisle.evaluation.lines import numbered_lines

MOST_ROWS = 5_000_000
"""Rows of one file: what a data set holds stays in memory."""

ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "text": ("review", "sentence", "utterance", "title", "query", "content"),
    "label": ("labels", "intent", "category", "class", "sentiment"),
    "value": ("score", "rating", "star", "stars"),
    "query": ("search", "keyword", "keywords", "search_term"),
    "product_id": ("product", "id", "item_id", "sku"),
    "document": ("positive", "text", "title", "right"),
    "other": ("translation", "translated"),
}
"""Names that a column is known by besides its own, the first that a file has being taken."""

_MEND_JSON = "Write one JSON object a line."


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands and its values by our names, each None where the row has no such value."""

    path: Path
    line: int
    values: Mapping[str, Any]

    def fail(self, what: str, mend: str) -> DataError:
        return DataError(f"{self.path}, line {self.line}: {what}.", mend)

    def text(self, name: str) -> str:
        """The value as text without blanks around it, "" where there is none. Raises `DataError` for nested values."""
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, (dict, list)):
            raise self.fail(f"{name} is not a text", "Write it as text in quotes.")
        return str(value).strip()

    def needed(self, name: str) -> str:
        """The same where there must be one. Raises `DataError`."""
        text = self.text(name)
        if not text:
            raise self.fail(f"{name} is empty", "Fill it or drop the line.")
        return text


def read_rows(
    path: Path, required: tuple[str, ...], optional: tuple[str, ...] = (), columns: Mapping[str, str] | None = None
) -> Iterator[Row]:
    """The rows of `path`; `columns` says what the file calls what we call `required` and `optional`.

    A file whose first character is `{` is JSON Lines; one with a tab in its header is TSV (no quoting), others are CSV.
    Raises `DataError` naming the line.
    """
    lines = numbered_lines(path, DataError)
    first = next(lines, None)
    if first is None:
        raise DataError(f"{path} is empty.", "Give a file with a header and rows.")
    wanted = _Wanted(path, required, (*required, *optional), columns or {})
    read = _json_rows if first[1].lstrip().startswith("{") else _delimited_rows
    yield from _bounded(path, read(wanted, first[1], chain([first], lines)))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for in a file."""

    path: Path
    required: tuple[str, ...]
    names: tuple[str, ...]
    columns: Mapping[str, str]

    def places(self, line: int, present: Collection[str]) -> dict[str, str]:
        """What the file calls each name that it has. Raises `DataError` where it lacks a required one."""
        called = {name: self._called(name, present) for name in self.names}
        missing = next((name for name in self.required if called[name] is None), None)
        if missing is not None:
            listed = ", ".join(map(str, islice(present, 12))) or "nothing"
            raise DataError(
                f"{self.path}, line {line}: there is no {missing}.",
                f'There is {listed}. Say which one it is: columns = {{ {missing} = "…" }} under [data].',
            )
        return {name: column for name, column in called.items() if column is not None}

    def _called(self, name: str, present: Collection[str]) -> str | None:
        stated = self.columns.get(name)
        candidates = (name, *ALSO_CALLED.get(name, ())) if stated is None else (stated,)
        return next((column for column in candidates if column in present), None)


def _bounded(path: Path, rows: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows):
        if count == MOST_ROWS:
            raise DataError(f"{path} has more than {MOST_ROWS:,} rows.", "Take a part of them.")
        yield row


def _json_rows(wanted: _Wanted, _: str, lines: Iterator[tuple[int, str]]) -> Iterator[Row]:
    for number, line in lines:
        try:
            body = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise DataError(f"{wanted.path}, line {number}: not JSON ({error}).", _MEND_JSON) from None
        if not isinstance(body, dict):
            raise DataError(f"{wanted.path}, line {number}: not a JSON object.", _MEND_JSON)
        places = wanted.places(number, body)
        yield Row(wanted.path, number, {name: body[key] for name, key in places.items()})


def _delimited_rows(wanted: _Wanted, first: str, lines: Iterator[tuple[int, str]]) -> Iterator[Row]:
    path, at = wanted.path, [1]
    tabs = "\t" in first
    quoting: Literal[0, 3] = csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL
    reader = csv.reader(_told(lines, at), delimiter="\t" if tabs else ",", quoting=quoting, strict=True)
    header = [name.strip() for name in _next(reader, path, at) or []]
    indices = {name: header.index(column) for name, column in wanted.places(at[0], header).items()}
    while (cells := _next(reader, path, at)) is not None:
        if len(cells) != len(header):
            raise DataError(
                f"{path}, line {at[0]}: {len(cells)} fields, the header has {len(header)}.",
                "Check the separators and quotes of that line.",
            )
        yield Row(path, at[0], {name: cells[index] for name, index in indices.items()})


def _told(lines: Iterator[tuple[int, str]], at: list[int]) -> Iterator[str]:
    """The lines alone; `at` holds the number of the last one given, where a row ends that spans several."""
    for number, line in lines:
        at[0] = number
        yield line + "\n"


def _next(reader: Iterator[list[str]], path: Path, at: list[int]) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise DataError(f"{path}, line {at[0]}: {error}.", "Check the quotes of that line and those before.") from None
