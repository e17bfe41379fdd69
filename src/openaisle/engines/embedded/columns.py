"""Columns of filterable values, one per field and segment: numbers, booleans and keywords."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import Arrays, read_arrays, write_arrays
from openaisle.engines.embedded.strings import StringTable
from openaisle.engines.filters.expression import as_text
from openaisle.engines.protocol import Value

Mask = NDArray[np.bool_]
Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """One float64 a row; NaN where the row has no value."""

    numbers: NDArray[np.float64]
    kind: ClassVar[str] = "number"

    def present(self) -> Mask:
        return ~np.isnan(self.numbers)

    def value(self, row: int) -> Value | None:
        number = float(self.numbers[row])
        return None if math.isnan(number) else number

    def arrays(self) -> Arrays:
        return {"numbers": self.numbers}


@dataclass(frozen=True, slots=True)
class BooleanColumn:
    """One int8 a row: 1 true, 0 false, -1 no value."""

    truths: NDArray[np.int8]
    kind: ClassVar[str] = "boolean"

    def present(self) -> Mask:
        return self.truths >= 0

    def value(self, row: int) -> Value | None:
        return None if self.truths[row] < 0 else bool(self.truths[row])

    def arrays(self) -> Arrays:
        return {"truths": self.truths}


@dataclass(frozen=True, slots=True)
class KeywordColumn:
    """Codes into a string table, by row and by code.

    With `starts` None there is one code a row (-1: no value); otherwise row i holds `codes[starts[i]:starts[i + 1]]`.
    `holders[bounds[c]:bounds[c + 1]]` are the rows that hold code c, ascending.
    """

    table: StringTable
    codes: Codes
    starts: NDArray[np.int32] | None
    holders: NDArray[np.int32]
    bounds: NDArray[np.int64]
    kind: ClassVar[str] = "keyword"

    @classmethod
    def build(cls, table: StringTable, codes: Codes, starts: NDArray[np.int32] | None) -> KeywordColumn:
        rows = np.arange(len(codes)) if starts is None else np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        order = np.argsort(codes, kind="stable")
        order = order[np.searchsorted(codes[order], 0) :]  # code -1 stands for no value
        bounds = np.searchsorted(codes[order], np.arange(len(table) + 1))
        return cls(table, codes, starts, rows[order].astype(np.int32), bounds)

    @property
    def rows(self) -> int:
        return len(self.codes) if self.starts is None else len(self.starts) - 1

    def present(self) -> Mask:
        return self.codes >= 0 if self.starts is None else np.diff(self.starts) > 0

    def codes_of(self, rows: NDArray[np.integer[Any]]) -> tuple[NDArray[np.intp], Codes]:
        """(position in `rows`, code) of every value that the rows hold."""
        if self.starts is None:
            codes = self.codes[rows]
            positions = np.flatnonzero(codes >= 0)
            return positions, codes[positions]
        first = self.starts[rows]
        lengths = self.starts[rows + 1] - first
        positions = np.repeat(np.arange(len(rows)), lengths)
        within = np.arange(len(positions)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return positions, self.codes[np.repeat(first, lengths) + within]

    def value(self, row: int) -> Value | None:
        _, codes = self.codes_of(np.array([row]))
        found = tuple(self.table[int(code)] for code in codes)
        if not found:
            return None
        return found[0] if self.starts is None else found

    def with_any(self, wanted: Sequence[int]) -> Mask:
        """Rows that hold at least one of the wanted codes."""
        holding = np.zeros(self.rows, bool)
        for code in wanted:
            holding[self.holders[self.bounds[code] : self.bounds[code + 1]]] = True
        return holding

    def with_codes(self, wanted: Mask) -> Mask:
        """The same for a truth per code."""
        holding = np.zeros(self.rows, bool)
        holding[self.holders[np.repeat(wanted, np.diff(self.bounds))]] = True
        return holding

    def numbers_of(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """What each row's first value reads as; NaN where it is no number."""
        numbers = np.full(len(rows), np.nan)
        positions, codes = self.codes_of(rows)
        numbers[positions[::-1]] = self.table.numbers[codes[::-1]]  # of several the first is written last, and stays
        return numbers

    def arrays(self) -> Arrays:
        arrays: dict[str, NDArray[Any]] = {
            "blob": self.table.blob,
            "offsets": self.table.offsets,
            "codes": self.codes,
            "holders": self.holders,
            "bounds": self.bounds,
        }
        return arrays if self.starts is None else {**arrays, "starts": self.starts}


Column = NumberColumn | BooleanColumn | KeywordColumn


def build_column(values: Mapping[int, Value], rows: int) -> Column:
    """The narrowest column that holds the values; mixed kinds become keywords."""
    kinds = {type(value) for value in values.values()}
    if kinds <= {float, int}:
        return _numbers(values, rows)
    if kinds == {bool}:
        return _booleans(values, rows)
    return _keywords(values, rows)


def write_columns(folder: Path, file: str, columns: Mapping[str, Column]) -> dict[str, str]:
    """Write columns into one file; returns the place of each, to be read back with `read_columns`."""
    arrays = {
        f"{slot}/{name}": array
        for slot, column in enumerate(columns.values())
        for name, array in column.arrays().items()
    }
    write_arrays(folder / file, arrays)
    return {field: f"{file}/{slot}" for slot, field in enumerate(columns)}


def read_columns(folder: Path, places: Mapping[str, str]) -> dict[str, Column]:
    """Columns by field from their places; every file is mapped once."""
    files = {file: read_arrays(folder / file) for file in {place.rsplit("/", 1)[0] for place in places.values()}}
    columns = {}
    for field, place in places.items():
        file, slot = place.rsplit("/", 1)
        prefix = f"{slot}/"
        columns[field] = _column({n[len(prefix) :]: a for n, a in files[file].items() if n.startswith(prefix)})
    return columns


def _column(arrays: Arrays) -> Column:
    if "numbers" in arrays:
        return NumberColumn(arrays["numbers"])
    if "truths" in arrays:
        return BooleanColumn(arrays["truths"])
    table = StringTable(arrays["blob"], arrays["offsets"])
    return KeywordColumn(table, arrays["codes"], arrays.get("starts"), arrays["holders"], arrays["bounds"])


def patched(column: Column | None, changes: Mapping[int, Value | None], rows: int) -> Column:
    """A copy with some rows' values changed (None removes one)."""
    if isinstance(column, NumberColumn) and all(_is_number(value) for value in changes.values()):
        numbers = column.numbers.copy()
        numbers[list(changes)] = [math.nan if value is None else value for value in changes.values()]
        return NumberColumn(numbers)
    if isinstance(column, BooleanColumn) and all(isinstance(value, bool | None) for value in changes.values()):
        truths = column.truths.copy()
        truths[list(changes)] = [-1 if value is None else value for value in changes.values()]
        return BooleanColumn(truths)
    if isinstance(column, KeywordColumn) and column.starts is None and not _lists(changes):
        texts = {row: None if value is None else _strings(value)[0] for row, value in changes.items()}
        return _patched_keywords(column, texts)
    merged: dict[int, Value | None] = {} if column is None else {row: column.value(row) for row in range(rows)}
    merged.update(changes)
    return build_column({row: value for row, value in sorted(merged.items()) if value is not None}, rows)


def differing(column: Column | None, changes: Mapping[int, Value | None]) -> dict[int, Value | None]:
    """Those of the changes that change anything."""
    before = {row: None if column is None else column.value(row) for row in changes}
    return {
        row: value for row, value in changes.items() if value != before[row] or type(value) is not type(before[row])
    }


def _patched_keywords(column: KeywordColumn, texts: Mapping[int, str | None]) -> KeywordColumn:
    table, codes = column.table, column.codes.copy()
    new = {text for text in texts.values() if text is not None and table.code(text) < 0}
    if new:
        table = StringTable.build((*column.table, *new))
        renumbered = np.array([*map(table.code, column.table), -1], np.int32)  # the last is for code -1
        codes = renumbered[codes]
    codes[list(texts)] = [-1 if text is None else table.code(text) for text in texts.values()]
    return KeywordColumn.build(table, codes, None)


def _lists(values: Mapping[int, Value | None]) -> bool:
    return any(isinstance(value, tuple) for value in values.values())


def _is_number(value: Value | None) -> bool:
    return value is None or (isinstance(value, float | int) and not isinstance(value, bool))


def _numbers(values: Mapping[int, Value], rows: int) -> NumberColumn:
    numbers = np.full(rows, np.nan)
    if values:
        numbers[list(values)] = list(values.values())
    return NumberColumn(numbers)


def _booleans(values: Mapping[int, Value], rows: int) -> BooleanColumn:
    truths = np.full(rows, -1, np.int8)
    truths[list(values)] = list(values.values())
    return BooleanColumn(truths)


def _keywords(values: Mapping[int, Value], rows: int) -> KeywordColumn:
    lists = {row: _strings(value) for row, value in values.items()}
    table = StringTable.build(text for texts in lists.values() for text in texts)
    code = {table[i]: i for i in range(len(table))}
    if not any(isinstance(value, tuple) for value in values.values()):
        codes = np.full(rows, -1, np.int32)
        codes[list(lists)] = [code[texts[0]] for texts in lists.values()]
        return KeywordColumn.build(table, codes, None)
    lengths = np.zeros(rows, np.int32)
    lengths[list(lists)] = [len(texts) for texts in lists.values()]
    starts = np.zeros(rows + 1, np.int32)
    np.cumsum(lengths, out=starts[1:])
    ordered = [code[text] for row in sorted(lists) for text in lists[row]]
    return KeywordColumn.build(table, np.array(ordered, np.int32), starts)


def _strings(value: Value) -> tuple[str, ...]:
    return (
        tuple(dict.fromkeys(value))
        if isinstance(value, tuple)
        else (as_text(value if isinstance(value, str | bool) else float(value)),)
    )
