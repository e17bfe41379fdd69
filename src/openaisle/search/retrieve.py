"""Candidates by words and by meaning under one filter, and which of them match the query at all.

What matches decides totals and facets as much as hits. By words: enough of the query's information is there. By
meaning: the cosine is one that unrelated texts do not reach. When neither is so, nothing is relevant, and the answer
says that instead of showing the least distant products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.filters.expression import Comparison, Expression, Operator
from openaisle.engines.protocol import Candidates, DenseQuery, Rows, Scores, Snapshot
from openaisle.language.script import language_of
from openaisle.models.protocol import CosineRange
from openaisle.search.request import Mode
from openaisle.search.understand import Intent

KNOWN = 0.3
"""Share of the query's information, unknown words included, from which its words alone make a match."""
TAIL = 0.2
"""Once something relevant was found, further products by meaning may be this much below the floor."""
OTHER_LANGUAGE = 0.2
"""Encoders put a text and its translation further apart than a text and its paraphrase: the floor is this much lower
for a product that is not written in the language of the query."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The query's vector and how the encoder's cosines read."""

    vector: NDArray[np.float32]
    cosines: CosineRange


@dataclass(frozen=True, slots=True)
class Found:
    """Matching rows: first the lexical ones, ascending, then those found by meaning alone, best first.

    `lexical` are BM25 scores, 0 for the latter; `dense` relevances on the encoder's scale, NaN where not known yet.
    `ceiling` is a BM25 score that no product can reach.
    """

    rows: Rows
    lexical: Scores
    dense: Scores
    ceiling: float


def retrieve(
    snapshot: Snapshot,
    intent: Intent,
    meaning: Meaning | None,
    filter: Expression | None,
    mode: Mode,
    candidates: int,
    floor: float,
) -> Found:
    lexical = None if mode is Mode.DENSE else intent.lexical
    dense = None if meaning is None or mode is Mode.LEXICAL else DenseQuery(meaning.vector, candidates)
    found = snapshot.retrieve(lexical, dense, filter)
    if meaning is None or dense is None:
        return Found(found.lexical, found.lexical_scores, np.full(len(found.lexical), np.nan, np.float32), found.ceiling)
    relevance = meaning.cosines.relevance(found.dense_scores)
    relevant = _relevant(snapshot, intent, found, relevance, floor)
    by_words = found.coverage >= KNOWN
    if not by_words and not relevant.any():
        return _nothing(found.ceiling)
    return _united(found, relevance, relevant, by_words)


def _relevant(
    snapshot: Snapshot, intent: Intent, found: Candidates, relevance: Scores, floor: float
) -> NDArray[np.bool_]:
    """Which of the nearest products are near enough, given that the nearest of all is."""
    if len(relevance) == 0:
        return np.zeros(0, bool)
    below = _below(snapshot, intent, found.dense)
    reached = bool((relevance >= floor - below).any()) or found.coverage >= KNOWN
    result: NDArray[np.bool_] = (relevance >= floor - TAIL - below) & reached
    return result


def _below(snapshot: Snapshot, intent: Intent, rows: Rows) -> Scores:
    """How much lower the floor is for each row."""
    language = language_of(intent.text)
    if language == "other":
        return np.zeros(len(rows), np.float32)
    same = snapshot.passing(rows, Comparison("language", Operator.EQUAL, language))
    return np.where(same, np.float32(0), np.float32(OTHER_LANGUAGE))


def _united(found: Candidates, relevance: Scores, relevant: NDArray[np.bool_], by_words: bool) -> Found:
    """Lexical matches with those by meaning. Words that say too little match only where meaning agrees."""
    rows, scores = found.lexical, found.lexical_scores
    if not by_words:
        agreed = np.isin(rows, found.dense[relevant])
        rows, scores = rows[agreed], scores[agreed]
    places = np.searchsorted(rows, found.dense)
    in_both = np.zeros(len(found.dense), bool)
    inside = places < len(rows)
    in_both[inside] = rows[places[inside]] == found.dense[inside]
    dense = np.full(len(rows), np.nan, np.float32)
    dense[places[in_both]] = relevance[in_both]
    alone = relevant & ~in_both
    return Found(
        np.concatenate([rows, found.dense[alone]]),
        np.concatenate([scores, np.zeros(np.count_nonzero(alone), np.float32)]),
        np.concatenate([dense, relevance[alone]]),
        found.ceiling,
    )


def _nothing(ceiling: float) -> Found:
    empty = np.empty(0, np.float32)
    return Found(np.empty(0, np.int32), empty, empty, ceiling)
