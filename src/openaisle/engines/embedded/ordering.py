"""Sort keys over columns of several segments, comparable with each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.columns import BooleanColumn, Column, KeywordColumn, NumberColumn
from openaisle.engines.embedded.strings import fold
from openaisle.engines.filters.expression import as_text

Keys = NDArray[np.float64]


def sort_keys(parts: Sequence[tuple[Column | None, NDArray[np.intp]]]) -> list[Keys]:
    """One float per row of each part; NaN for a row without a value. Numbers sort as numbers; once any segment holds
    keywords, all values sort as text, without regard to case; a list sorts by its first item."""
    if any(isinstance(column, KeywordColumn) for column, _ in parts):
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
    distinct = sorted({label for texts, _ in labels for label in texts}, key=lambda text: (fold(text), text))
    rank = {label: float(place) for place, label in enumerate(distinct)}
    keys = []
    for texts, codes in labels:
        ranks = np.array([*(rank[text] for text in texts), np.nan])
        keys.append(ranks[codes])
    return keys


def _labels(column: Column | None, rows: NDArray[np.intp]) -> tuple[list[str], NDArray[np.intp]]:
    """Distinct labels, and for each row the place of its label among them (-1: none)."""
    codes = np.full(len(rows), -1, np.intp)
    if isinstance(column, KeywordColumn):
        positions, held = column.codes_of(rows)
        distinct, places = np.unique(held, return_inverse=True)
        codes[positions[::-1]] = places[::-1]  # of several values the first is written last, and stays
        return [column.table[int(code)] for code in distinct], codes
    keys = _number_keys(column, rows)
    known = np.flatnonzero(~np.isnan(keys))
    numbers, places = np.unique(keys[known], return_inverse=True)
    codes[known] = places
    return [as_text(float(number)) for number in numbers], codes
