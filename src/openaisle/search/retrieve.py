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

SAID = 0.3
"""Share of the query's information, unknown words included, from which its words alone make a match."""
SAID_ABROAD = 0.5
"""The same where most products are in another language than the query: what is found there are numbers and brands."""
TAIL = 0.3
"""Further products by meaning must be this share as relevant as the best one, or as the floor."""


@dataclass(frozen=True, slots=True)
class Found:
    """Matching rows: first the lexical ones, ascending, then those found by meaning alone, best first.

    `lexical` are BM25 scores, 0 for the latter; `dense` relevances on the encoder's scale, NaN where not known yet.
    `ceiling` is a BM25 score that no product can reach. `said` tells that the words found say enough of the query,
    `foreign` that most products are not in its language.
    """

    rows: Rows
    lexical: Scores
    dense: Scores
    ceiling: float
    said: bool = True
    foreign: bool = False


def retrieve(question: Question, candidates: int, floor: float) -> Found:
    """What matches. `candidates` is how many are looked at by meaning, `floor` the relevance the best must reach."""
    meaning = question.meaning
    if meaning is None:
        found = question.snapshot.retrieve(question.intent.lexical, None, question.filter)
        unknown = np.full(len(found.lexical), np.nan, np.float32)
        return Found(found.lexical, found.lexical_scores, unknown, found.ceiling)
    dense = DenseQuery(meaning.vector, candidates)
    found = question.snapshot.retrieve(question.intent.lexical, dense, question.filter)
    translated = question.translated(found.dense)
    # an encoder favours the few products that share the query's language, so where most are in another, level that
    foreign = 2 * int(np.count_nonzero(translated)) > len(translated)
    relevance = meaning.cosines.relevance(found.dense_scores, translated & foreign)
    said = found.coverage >= (SAID_ABROAD if foreign else SAID)
    best = float(relevance.max(initial=0.0))
    if not said and best < floor:
        return _nothing(found)
    if not question.by_words:
        found = replace(found, lexical=found.lexical[:0], lexical_scores=found.lexical_scores[:0])
    relevant = relevance >= TAIL * max(best, floor)
    return replace(_united(found, relevance, relevant, said), said=said, foreign=foreign)


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
    )


def _nothing(found: Candidates) -> Found:
    empty = np.empty(0, np.float32)
    return Found(np.empty(0, np.int32), empty, empty, found.ceiling)
