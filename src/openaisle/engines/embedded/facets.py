"""Exact facet counts over any set of rows of a segment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.columns import BooleanColumn, Column, KeywordColumn, NumberColumn
from openaisle.engines.filters.expression import as_text
from openaisle.engines.protocol import Facet, RangeFacet, ValueFacet

Labels = Sequence[str]
Pairs = tuple[NDArray[np.intp], NDArray[Any], Labels]
"""(position in the rows, code) of every value, and the label of each code."""


def label_pairs(column: Column, rows: NDArray[np.intp], facet: Facet) -> Pairs:
    """Every (row, label) pair that the facet counts."""
    if isinstance(facet, RangeFacet):
        return _ranges(column, rows, facet.bounds)
    match column:
        case KeywordColumn():
            return *column.codes_of(rows), column.table
        case BooleanColumn(truths):
            said = truths[rows]
            positions = np.flatnonzero(said >= 0)
            return positions, said[positions], ("false", "true")
        case NumberColumn(numbers):
            held = numbers[rows]
            positions = np.flatnonzero(~np.isnan(held))
            distinct, codes = np.unique(held[positions], return_inverse=True)
            return positions, codes, [as_text(float(number)) for number in distinct]


def count_pairs(pairs: Pairs) -> dict[str, int]:
    """Counts per label where every row is a group of its own."""
    _, codes, labels = pairs
    counts = np.bincount(codes, minlength=1)
    return {labels[int(code)]: int(counts[code]) for code in np.flatnonzero(counts)}


def count_groups(parts: Iterable[tuple[Pairs, NDArray[np.int32]]]) -> dict[str, int]:
    """Counts per label of distinct groups; each part comes with the group of each of its rows."""
    number: dict[str, int] = {}
    keys = []
    for (positions, codes, labels), groups in parts:
        present = np.unique(codes)
        shared = np.zeros(int(present.max(initial=0)) + 1, np.int64)
        shared[present] = [number.setdefault(labels[int(code)], len(number)) for code in present]
        keys.append(groups[positions].astype(np.int64) << 32 | shared[codes])
    if not number:
        return {}
    counts = np.bincount(np.unique(np.concatenate(keys)) & 0xFFFFFFFF, minlength=len(number))
    return {label: int(counts[code]) for label, code in number.items()}


def ranked(counts: dict[str, int], facet: Facet) -> dict[str, int]:
    """Values by falling count, then by name; ranges in their own order, empty ones too."""
    if isinstance(facet, ValueFacet):
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: facet.size])
    return {label: counts.get(label, 0) for label in range_labels(facet.bounds)}


def range_labels(bounds: Sequence[float]) -> list[str]:
    return [f"{as_text(float(low))}..{as_text(float(high))}" for low, high in pairwise(bounds)]


def _ranges(column: Column, rows: NDArray[np.intp], bounds: Sequence[float]) -> Pairs:
    labels = range_labels(bounds)
    positions, numbers = _numbers(column, rows)
    codes = np.searchsorted(np.asarray(bounds), numbers, side="right") - 1
    inside = np.flatnonzero((codes >= 0) & (codes < len(labels)))  # NaN sorts above every bound
    # several values of one row may lie in one range
    pairs = np.unique(positions[inside] * len(labels) + codes[inside])
    return pairs // len(labels), pairs % len(labels), labels


def _numbers(column: Column, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """(position in the rows, number) of every value; NaN for those that are no numbers."""
    match column:
        case NumberColumn(numbers):
            return np.arange(len(rows)), numbers[rows]
        case KeywordColumn(table):
            positions, codes = column.codes_of(rows)
            return positions, table.numbers[codes]
    return np.empty(0, np.intp), np.empty(0, np.float64)
