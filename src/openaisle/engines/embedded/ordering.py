"""Sort keys over columns of several segments, comparable with each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.columns import BooleanColumn, Column, KeywordColumn, NumberColumn
from openaisle.engines.embedded.strings import fold
from openaisle.engines.filters.expression import as_text
from openaisle.engines.filters.literals import number

Keys = NDArray[np.float64]


def sort_keys(parts: Sequence[tuple[Column | None, NDArray[np.intp]]]) -> list[Keys]:
    """One float per row of each part; NaN for a row without a value. Numbers, also those written as text, come before
    text, which sorts without regard to case; a list sorts by its first item."""
    kinds = {column.kind for column, _ in parts if column is not None}
    if KeywordColumn.kind in kinds or len(kinds) > 1:
        return _text_keys(parts)
    return [_number_keys(column, rows) for column, rows in parts]


def _number_keys(column: Column | None, rows: NDArray[np.intp]) -> Keys:
    match column:
        case NumberColumn(numbers):
            return numbers[rows]
        case BooleanColumn(truths):
            return np.where(truths[rows] < 0, np.nan, truths[rows])
    return np.full(len(rows), np.nan)


def _text_keys(parts: Sequence[tuple[Column | None, NDArray[np.intp]]]) -> list[Keys]:
    labels = [_labels(column, rows) for column, rows in parts]
    distinct = sorted({label for texts, _ in labels for label in texts}, key=_reading_order)
    rank = {label: float(place) for place, label in enumerate(distinct)}
    keys = []
    for texts, codes in labels:
        ranks = np.array([*(rank[text] for text in texts), np.nan])
        keys.append(ranks[codes])
    return keys


def _reading_order(text: str) -> tuple[float, str, str]:
    value = number(text)
    return math.inf if value is None else value, fold(text), text


def _labels(column: Column | None, rows: NDArray[np.intp]) -> tuple[list[str], NDArray[np.intp]]:
    """Distinct labels, and for each row the place of its label among them (-1: none)."""
    codes = np.full(len(rows), -1, np.intp)
    if isinstance(column, KeywordColumn):
        positions, held = column.codes_of(rows)
        distinct, places = np.unique(held, return_inverse=True)
        codes[positions[::-1]] = places[::-1]  # of several values the first is written last, and stays
        return [column.table[int(code)] for code in distinct], codes
    if isinstance(column, BooleanColumn):
        return ["false", "true"], column.truths[rows].astype(np.intp)
    keys = _number_keys(column, rows)
    known = np.flatnonzero(~np.isnan(keys))
    numbers, places = np.unique(keys[known], return_inverse=True)
    codes[known] = places
    return [as_text(float(number)) for number in numbers], codes
