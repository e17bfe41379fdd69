"""Fusion: one score per product as a sum of named parts, each on a scale of its own that no query stretches.

Words count as the share of what the query could score at most, meaning as the cosine on the encoder's own scale.
Neither is divided by the best of its list, so a weak best stays weak, a page deep in the list is scored like the first,
and a filter changes which products are there but not what they score. Where the words of a query find little (another
language, a paraphrase) their part is small or left out, and meaning decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from openaisle.engines.protocol import LexicalQuery, Rows, Scores
from openaisle.search.question import Question
from openaisle.search.retrieve import Found

WORDS, MEANING, IDENTIFIER, RERANKER, PROFILE = "words", "meaning", "identifier", "reranker", "profile"
IDENTIFIED = 2.0
"""More than words and meaning together ever score: a product whose number was typed comes first."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of the score counts."""

    words: float
    meaning: float

    @classmethod
    def of(cls, question: Question, dense_weight: float) -> Weights:
        if question.meaning is None:
            return cls(words=1.0, meaning=0.0)
        if not question.by_words:
            return cls(words=0.0, meaning=1.0)
        return cls(words=1.0 - dense_weight, meaning=dense_weight)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Matching rows, best first, their scores, and the parts that sum to them."""

    rows: Rows
    scores: Scores
    parts: Mapping[str, Scores]


def rank(question: Question, found: Found, dense_weight: float, window: int) -> Ranked:
    """Order what was found. The best `window` by words get their exact cosine, too; those found by meaning alone have
    not enough of the words to count them."""
    weights = Weights.of(question, dense_weight)
    dense = _completed(question, found, window)
    # words that say little of a query (a number, a brand in a question in another language) must not outweigh meaning
    words = weights.words if found.said and found.ceiling else 0.0
    parts = {
        WORDS: found.lexical * np.float32(words / (found.ceiling or 1.0)),
        MEANING: np.where(np.isnan(dense), np.float32(0), dense) * np.float32(weights.meaning),
    }
    rows = found.rows
    if question.intent.identifier is not None:
        rows, parts = _with_identified(question, question.intent.identifier, rows, parts)
    scores: Scores = np.sum(list(parts.values()), axis=0, dtype=np.float32)
    order = np.lexsort((rows, -scores))
    return Ranked(rows[order], scores[order], {name: part[order] for name, part in parts.items()})


def _completed(question: Question, found: Found, window: int) -> Scores:
    """Relevances by meaning, those that retrieval did not need to know filled in."""
    dense = found.dense.copy()
    if question.meaning is None:
        return dense
    unknown = np.flatnonzero(np.isnan(dense))
    if len(unknown) > window:
        unknown = unknown[np.argpartition(-found.lexical[unknown], window)[:window]]
    if len(unknown):
        cosines = question.snapshot.cosines(found.rows[unknown], question.meaning.vector)
        translated = question.translated(found.rows[unknown]) & found.foreign
        dense[unknown] = question.meaning.cosines.relevance(cosines, translated)
    return dense


def _with_identified(
    question: Question, identifier: LexicalQuery, rows: Rows, parts: dict[str, Scores]
) -> tuple[Rows, dict[str, Scores]]:
    """The products whose identifier was typed come first, whether they match otherwise or not."""
    identified = question.snapshot.retrieve(identifier, None, question.filter).lexical
    new = identified[~np.isin(identified, rows)]
    rows = np.concatenate([rows, new])
    padded = {name: np.concatenate([part, np.zeros(len(new), np.float32)]) for name, part in parts.items()}
    return rows, {**padded, IDENTIFIER: np.isin(rows, identified) * np.float32(IDENTIFIED)}
