"""Several segments into one, without their deleted rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import write_arrays
from openaisle.engines.embedded.build import Schema, write_rows
from openaisle.engines.embedded.columns import (
    BooleanColumn,
    Column,
    KeywordColumn,
    NumberColumn,
    build_column,
    write_columns,
)
from openaisle.engines.embedded.postings import from_triples, triples
from openaisle.engines.embedded.segment import COLUMNS, POSTINGS, VOCABULARY, Segment, SegmentState
from openaisle.engines.embedded.stored import joined, write_vectors
from openaisle.engines.embedded.strings import StringTable
from openaisle.engines.embedded.vocabulary import Vocabulary

Kept = NDArray[np.intp]


def merge(segments: Sequence[Segment], folder: Path, name: str, schema: Schema) -> SegmentState:
    """Write the segment `folder/name`; rows keep their order."""
    target = folder / name
    target.mkdir(parents=True)
    kept = [np.arange(s.rows) if s.alive is None else np.flatnonzero(s.alive) for s in segments]
    rows = sum(map(len, kept))
    renumbered = _renumbered(segments, kept)
    ids = [id for segment, rows_kept in zip(segments, kept, strict=True) for id in segment.ids(rows_kept)]
    groups = np.concatenate([segment.identities.group[k] for segment, k in zip(segments, kept, strict=True)])
    write_rows(target, ids, groups)
    _merge_postings(segments, renumbered, target, rows)
    _merge_vectors(segments, renumbered, target, schema)
    return SegmentState(name, rows, None, _merge_columns(segments, kept, target, rows))


def _renumbered(segments: Sequence[Segment], kept: Sequence[Kept]) -> list[NDArray[np.int32]]:
    """For each segment the new number of every old row; -1 for a deleted one."""
    start, tables = 0, []
    for segment, rows in zip(segments, kept, strict=True):
        table = np.full(segment.rows, -1, np.int32)
        table[rows] = np.arange(start, start + len(rows), dtype=np.int32)
        tables.append(table)
        start += len(rows)
    return tables


def _merge_postings(
    segments: Sequence[Segment], renumbered: Sequence[NDArray[np.int32]], target: Path, rows: int
) -> None:
    vocabulary = Vocabulary.build({term for segment in segments for term in segment.vocabulary})
    parts = []
    for segment, table in zip(segments, renumbered, strict=True):
        number = np.array([vocabulary.number(term) for term in segment.vocabulary], np.int32)
        terms, old_rows, impacts = triples(segment.postings)
        new_rows = table[old_rows]
        alive = new_rows >= 0
        parts.append((number[terms[alive]], new_rows[alive], impacts[alive]))
    terms, new_rows, impacts = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    vocabulary.save(target / VOCABULARY)
    write_arrays(target / POSTINGS, from_triples(terms, new_rows, impacts, len(vocabulary), rows).arrays())


def _merge_vectors(
    segments: Sequence[Segment], renumbered: Sequence[NDArray[np.int32]], target: Path, schema: Schema
) -> None:
    parts, rows = [], [np.empty(0, np.int32)]
    for segment, table in zip(segments, renumbered, strict=True):
        new_rows = table[segment.vectors.rows]
        kept = np.flatnonzero(new_rows >= 0)
        parts.append(segment.vectors.stored.at(kept))
        rows.append(new_rows[kept])
    write_vectors(target, joined(parts, schema.dimensions, schema.numbers), np.concatenate(rows))


def _merge_columns(segments: Sequence[Segment], kept: Sequence[Kept], target: Path, rows: int) -> dict[str, str]:
    fields = sorted({field for segment in segments for field in segment.columns})
    columns = {
        field: _merge_column([(s.columns.get(field), k) for s, k in zip(segments, kept, strict=True)], rows)
        for field in fields
    }
    return write_columns(target, COLUMNS, columns)


def _merge_column(parts: Sequence[tuple[Column | None, Kept]], rows: int) -> Column:
    columns = [column for column, _ in parts]
    if all(isinstance(column, NumberColumn | None) for column in columns):
        return NumberColumn(np.concatenate([_numbers(column, kept) for column, kept in parts]))
    if all(isinstance(column, BooleanColumn | None) for column in columns):
        return BooleanColumn(np.concatenate([_truths(column, kept) for column, kept in parts]))
    if all(isinstance(column, KeywordColumn | None) for column in columns):
        return _merge_keywords(parts, rows)
    values, start = {}, 0
    for column, kept in parts:
        for place, row in enumerate(kept):
            value = None if column is None else column.value(int(row))
            if value is not None:
                values[start + place] = value
        start += len(kept)
    return build_column(values, rows)


def _numbers(column: Column | None, kept: Kept) -> NDArray[np.float64]:
    return column.numbers[kept] if isinstance(column, NumberColumn) else np.full(len(kept), np.nan)


def _truths(column: Column | None, kept: Kept) -> NDArray[np.int8]:
    return column.truths[kept] if isinstance(column, BooleanColumn) else np.full(len(kept), -1, np.int8)


def _merge_keywords(parts: Sequence[tuple[Column | None, Kept]], rows: int) -> KeywordColumn:
    pairs, start, listed = [], 0, False
    for column, kept in parts:
        if isinstance(column, KeywordColumn):
            positions, codes = column.codes_of(kept)
            pairs.append((positions + start, codes, column.table))
            listed = listed or column.starts is not None
        start += len(kept)
    present = [np.unique(codes) for _, codes, _ in pairs]
    table = StringTable.build(t[int(code)] for (_, _, t), codes in zip(pairs, present, strict=True) for code in codes)
    renumbered = []
    for (positions, codes, old), held in zip(pairs, present, strict=True):
        number = np.zeros(len(old) + 1, np.int32)
        number[held] = [table.code(old[int(code)]) for code in held]
        renumbered.append((positions, number[codes]))
    positions = np.concatenate([p for p, _ in renumbered])
    codes = np.concatenate([c for _, c in renumbered])
    if not listed:
        single = np.full(rows, -1, np.int32)
        single[positions] = codes
        return KeywordColumn.build(table, single, None)
    starts = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(positions, minlength=rows), out=starts[1:])
    return KeywordColumn.build(table, codes, starts)
