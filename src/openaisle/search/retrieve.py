"""Candidates by words and by meaning under one filter, and which of them match the query at all.

What matches decides totals and facets as much as hits. By words: enough of the query's information is there. By
meaning: the cosine is one that unrelated texts do not reach. When neither is so, nothing is relevant, and the answer
says that instead of showing the least distant products.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.protocol import Candidates, DenseQuery, Rows, Scores
from openaisle.search.question import Question

KNOWN = 0.3
"""Share of the query's information, unknown words included, from which its words alone make a match."""
TAIL = 0.2
"""Once something relevant was found, further products by meaning may be this much below the floor."""


@dataclass(frozen=True, slots=True)
class Found:
    """Matching rows: first the lexical ones, ascending, then those found by meaning alone, best first.

    `lexical` are BM25 scores, 0 for the latter; `dense` relevances on the encoder's scale, NaN where not known yet.
    `ceiling` is a BM25 score that no product can reach, `coverage` the share of the query's information that the best
    lexical match carries. `foreign` tells that most products are not in the language of the query.
    """

    rows: Rows
    lexical: Scores
    dense: Scores
    ceiling: float
    coverage: float
    foreign: bool = False


def retrieve(question: Question, candidates: int, floor: float) -> Found:
    """What matches. `candidates` is how many are looked at by meaning, `floor` the relevance the best must reach."""
    lexical = question.intent.lexical if question.by_words else None
    meaning = question.meaning
    if meaning is None:
        found = question.snapshot.retrieve(lexical, None, question.filter)
        unknown = np.full(len(found.lexical), np.nan, np.float32)
        return Found(found.lexical, found.lexical_scores, unknown, found.ceiling, found.coverage)
    found = question.snapshot.retrieve(lexical, DenseQuery(meaning.vector, candidates), question.filter)
    translated = question.translated(found.dense)
    # an encoder favours the few products that share the query's language, so where most are in another, level that
    foreign = 2 * int(np.count_nonzero(translated)) > len(translated)
    relevance = meaning.cosines.relevance(found.dense_scores, translated & foreign)
    said = found.coverage >= KNOWN
    relevant = _relevant(relevance, floor, said)
    if not said and not relevant.any():
        return _nothing(found)
    return replace(_united(found, relevance, relevant, said), foreign=foreign)


def _relevant(relevance: Scores, floor: float, said: bool) -> NDArray[np.bool_]:
    """Which of the nearest products are near enough, given that the nearest of all is, or that words match."""
    if not said and not (relevance >= floor).any():
        return np.zeros(len(relevance), bool)
    result: NDArray[np.bool_] = relevance >= floor - TAIL
    return result


def _united(found: Candidates, relevance: Scores, relevant: NDArray[np.bool_], said: bool) -> Found:
    """Lexical matches with those by meaning. Words that say too little match only where meaning agrees."""
    rows, scores = found.lexical, found.lexical_scores
    if not said:
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
        found.coverage,
    )


def _nothing(found: Candidates) -> Found:
    empty = np.empty(0, np.float32)
    return Found(np.empty(0, np.int32), empty, empty, found.ceiling, found.coverage)
