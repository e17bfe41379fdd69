"""Finding and scoring the rows of a segment by terms.

A row matches when its terms carry enough of the query's information. Rows that lack all of the informative terms cannot
reach that, so only the lists of those essential terms are united; the common terms are looked up for the rows that are
left (the idea of MaxScore: Turtle and Flood, "Query evaluation: strategies and optimizations", 1995).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.columns import Mask
from openaisle.engines.embedded.postings import STEP, Impacts
from openaisle.engines.embedded.segment import Segment

_MUCH_LONGER = 24
"""A list this many times longer than the rows looked up is searched rather than spread out."""
_FEW = 4_096
"""So many rows are sorted faster than a truth for every row of a segment is read."""
_ROUNDING = 1 - 1e-6


@dataclass(frozen=True, slots=True)
class WeighedGroup:
    """A term group with its information: weight times inverse document frequency over the whole snapshot."""

    alternatives: tuple[tuple[str, float], ...]
    information: float


@dataclass(frozen=True, slots=True)
class Need:
    """A weighed group as one segment holds it. `rows` is None where `dense` has an impact for every row."""

    information: float
    rows: NDArray[Any] | None
    impacts: Impacts
    """Of `rows`, or of every row where `rows` is None."""

    def found(self) -> NDArray[Any]:
        return np.flatnonzero(self.impacts) if self.rows is None else self.rows


@dataclass(frozen=True, slots=True)
class Matches:
    """Matching rows, ascending; their scores; and how much information each carries."""

    rows: NDArray[np.intp]
    scores: NDArray[np.float32]
    information: NDArray[np.float32]


def inverse_document_frequency(frequency: int, documents: int) -> float:
    """BM25's, never negative (the form that Lucene uses)."""
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def needs(segment: Segment, groups: Sequence[WeighedGroup]) -> list[Need]:
    return [_need(segment, group) for group in groups]


def match(needs: Sequence[Need], enough: float, allowed: Mask | None, rows: int) -> Matches:
    """Rows of a segment whose terms carry at least `enough` information."""
    ordered = sorted(needs, key=lambda need: -need.information)
    scratch = np.zeros(rows, np.uint8)
    candidates = _candidates(_essential(ordered, enough), allowed, scratch)
    if len(candidates) == 0:
        return Matches(candidates, np.empty(0, np.float32), np.empty(0, np.float32))
    scores, information = _score(ordered, candidates, scratch)
    kept = np.flatnonzero(information >= enough * _ROUNDING)
    if len(kept) < len(candidates):
        candidates, scores, information = candidates[kept], scores[kept], information[kept]
    return Matches(candidates, scores, information)


def score(
    needs: Sequence[Need], candidates: NDArray[np.intp], rows: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """BM25 scores and carried information of the candidate rows."""
    return _score(needs, candidates, np.zeros(rows, np.uint8))


def _score(
    needs: Sequence[Need], candidates: NDArray[np.intp], scratch: Impacts
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    scores = np.zeros(len(candidates), np.float32)
    information = np.zeros(len(candidates), np.float32)
    for need in needs:
        impacts = _impacts_at(need, candidates, scratch)
        scores += impacts * np.float32(need.information * STEP)
        information += (impacts != 0) * np.float32(need.information)
    return scores, information


def _essential(ordered: Sequence[Need], enough: float) -> Sequence[Need]:
    """The most informative needs without any of which a row cannot reach `enough`."""
    remaining = sum(need.information for need in ordered)
    for count, need in enumerate(ordered):
        if remaining < enough * _ROUNDING:
            return ordered[:count]
        remaining -= need.information
    return ordered


def _candidates(essential: Sequence[Need], allowed: Mask | None, scratch: Impacts) -> NDArray[np.intp]:
    """Rows of any of the needs that are allowed, ascending. `scratch` is all zero before and after."""
    if len(essential) == 1:
        found = essential[0].found()
        return np.asarray(found if allowed is None else found[allowed[found]], np.intp)
    lists = [need.found().astype(np.intp, copy=False) for need in essential]
    if sum(map(len, lists)) > _FEW:
        return _read_from(lists, allowed, np.zeros(len(scratch), bool))
    new = []
    for rows in lists:
        new.append(rows[scratch[rows] == 0])
        scratch[rows] = 1
    for rows in lists:
        scratch[rows] = 0
    united = np.concatenate(new).astype(np.int32)
    if allowed is not None:
        united = united[allowed[united]]
    united.sort()
    return united.astype(np.intp)


def _read_from(lists: Sequence[NDArray[np.intp]], allowed: Mask | None, seen: Mask) -> NDArray[np.intp]:
    for rows in lists:
        seen[rows] = True
    if allowed is not None:
        seen &= allowed
    return np.flatnonzero(seen)


def _impacts_at(need: Need, candidates: NDArray[np.intp], scratch: Impacts) -> Impacts:
    """Impact of a need in each candidate row, 0 where it is absent. `scratch` is all zero before and after."""
    if need.rows is None:
        return need.impacts[candidates]
    if len(need.rows) > _MUCH_LONGER * len(candidates):
        places = np.searchsorted(need.rows, candidates.astype(need.rows.dtype))
        places[places == len(need.rows)] = 0
        found: Impacts = need.impacts[places] * (need.rows[places] == candidates)
        return found
    rows = need.rows.astype(np.intp, copy=False)  # NumPy indexes by its own integers twice as fast
    scratch[rows] = need.impacts
    impacts = scratch[candidates]
    scratch[rows] = 0
    return impacts


def _need(segment: Segment, group: WeighedGroup) -> Need:
    known = [
        (number, weight) for term, weight in group.alternatives if (number := segment.vocabulary.number(term)) >= 0
    ]
    if not known:
        return Need(group.information, np.empty(0, np.int32), np.empty(0, np.uint8))
    if len(known) == 1 and known[0][1] == 1.0:
        number = known[0][0]
        dense = segment.postings.dense_row(number)
        if dense is not None:
            return Need(group.information, None, dense)
        return Need(group.information, *segment.postings.list(number))
    return _best_of(segment, group.information, known)


def impacts_in(segment: Segment, row: int, group: WeighedGroup) -> dict[str, int]:
    """The weighed impact of each alternative that the row contains."""
    found = {}
    for term, weight in group.alternatives:
        number = segment.vocabulary.number(term)
        if number >= 0:
            rows, impacts = segment.postings.list(number)
            place = int(np.searchsorted(rows, row))
            if place < len(rows) and rows[place] == row:
                found[term] = int(_weighed(impacts[place : place + 1], weight)[0])
    return found


def _weighed(impacts: Impacts, weight: float) -> Impacts:
    weighed: Impacts = np.maximum(np.rint(impacts * np.float32(weight)), 1).astype(np.uint8)
    return weighed


def _best_of(segment: Segment, information: float, known: Sequence[tuple[int, float]]) -> Need:
    """The alternatives as one list: a row has the impact of the best alternative it contains."""
    best = np.zeros(segment.rows, np.uint8)
    lists = []
    for number, weight in known:
        rows, impacts = segment.postings.list(number)
        new = rows[best[rows] == 0]
        best[rows] = np.maximum(best[rows], _weighed(impacts, weight))
        lists.append(new)
    held = np.concatenate(lists)
    held = np.sort(held) if len(held) <= _FEW else np.flatnonzero(best)
    return Need(information, held, best[held])
