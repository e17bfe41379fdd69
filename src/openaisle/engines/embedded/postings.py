"""The inverted index of a segment: for every term, the rows that contain it and how much each is about it.

The weight of a term in a document is BM25F's saturated, length-normalised frequency over all fields (Robertson,
Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004), stored in eight bits. A term that
most rows contain is kept as one byte for every row instead of a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import Arrays
from openaisle.engines.protocol import Rows

Impacts = NDArray[np.uint8]

K1 = 1.2
SATURATION = K1 + 1
"""The limit of a term's weight as its frequency grows; impact 255 stands for it."""
STEP = SATURATION / 255
DENSE_SHARE = 8
"""A term in more than one of this many rows is stored as a dense row."""


@dataclass(frozen=True, slots=True)
class FieldWeight:
    """How a field counts: its boost and how strongly long texts are held back (BM25's b)."""

    boost: float
    length_normalization: float = 0.75

    def share(self, length: int, average: float) -> float:
        """What one occurrence counts in a text of `length` terms where the average text has `average`."""
        relative = length / average if average else 1.0
        return self.boost / (1 - self.length_normalization + self.length_normalization * relative)


@dataclass(frozen=True, slots=True)
class Postings:
    """`rows[starts[t]:starts[t + 1]]` contain term t, with `impacts` alike. Where `dense[t]` ≥ 0 the list is empty and
    `dense_impacts[dense[t]]` holds an impact for every row (0: not in it)."""

    starts: NDArray[np.int64]
    rows: Rows
    impacts: Impacts
    frequencies: NDArray[np.int32]
    dense: NDArray[np.int32]
    dense_impacts: NDArray[np.uint8]

    def list(self, term: int) -> tuple[Rows, Impacts]:
        """Rows in ascending order and their impacts."""
        if self.dense[term] >= 0:
            impacts = self.dense_impacts[self.dense[term]]
            rows = np.flatnonzero(impacts).astype(np.int32)
            return rows, impacts[rows]
        start, end = self.starts[term], self.starts[term + 1]
        return self.rows[start:end], self.impacts[start:end]

    def dense_row(self, term: int) -> Impacts | None:
        return self.dense_impacts[self.dense[term]] if self.dense[term] >= 0 else None

    def frequencies_in(self, chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
        """How many of the chosen rows contain each term."""
        before = np.concatenate([[0], np.cumsum(chosen[self.rows], dtype=np.int64)])
        counts: NDArray[np.int32] = (before[self.starts[1:]] - before[self.starts[:-1]]).astype(np.int32)
        common = np.flatnonzero(self.dense >= 0)
        held = np.count_nonzero(self.dense_impacts[:, chosen], axis=1)
        counts[common] = held[self.dense[common]]
        return counts

    def arrays(self) -> Arrays:
        return {name: getattr(self, name) for name in self.__slots__}


def impacts(frequencies: NDArray[np.float64]) -> Impacts:
    """Weighted, length-normalised frequencies to eight bits; never 0, which stands for absence."""
    weights = frequencies * SATURATION / (frequencies + K1)
    return np.clip(np.rint(weights / STEP), 1, 255).astype(np.uint8)


def from_triples(terms: NDArray[Any], rows: NDArray[Any], impact: Impacts, vocabulary: int, count: int) -> Postings:
    """Sort (term, row, impact) triples, one a pair of term and row, into postings over `count` rows."""
    order = np.lexsort((rows, terms))
    terms, rows, impact = terms[order], rows[order].astype(np.int32), impact[order]
    frequencies = np.bincount(terms, minlength=vocabulary).astype(np.int32)
    is_dense = frequencies > max(count // DENSE_SHARE, 1024)
    dense = np.full(vocabulary, -1, np.int32)
    dense[is_dense] = np.arange(is_dense.sum())
    in_dense = is_dense[terms]
    dense_impacts = np.zeros((int(is_dense.sum()), count), np.uint8)
    dense_impacts[dense[terms[in_dense]], rows[in_dense]] = impact[in_dense]
    starts = np.zeros(vocabulary + 1, np.int64)
    np.cumsum(np.where(is_dense, 0, frequencies), out=starts[1:])
    return Postings(starts, rows[~in_dense], impact[~in_dense], frequencies, dense, dense_impacts)


def triples(postings: Postings) -> tuple[NDArray[np.int32], Rows, Impacts]:
    """The (term, row, impact) triples of all postings, in no promised order."""
    terms = np.repeat(np.arange(len(postings.frequencies), dtype=np.int32), np.diff(postings.starts))
    dense_terms = np.flatnonzero(postings.dense >= 0).astype(np.int32)
    slots, rows = np.nonzero(postings.dense_impacts[postings.dense[dense_terms]])
    return (
        np.concatenate([terms, dense_terms[slots]]),
        np.concatenate([postings.rows, rows.astype(np.int32)]),
        np.concatenate([postings.impacts, postings.dense_impacts[postings.dense[dense_terms]][slots, rows]]),
    )
