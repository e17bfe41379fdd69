"""Fusion: one score per product as a sum of named parts, each on a scale of its own that no query stretches.

Words count as the share of what the query could score at most, meaning as the cosine on the encoder's own scale. Neither
is divided by the best of its list, so a weak best stays weak, a page deep in the list is scored like the first, and a
filter changes which products are there but not what they score. Where the words of a query find little (another
language, a paraphrase) their part is small by itself, and meaning decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from openaisle.engines.filters.expression import Expression
from openaisle.engines.protocol import LexicalQuery, Rows, Scores, Snapshot
from openaisle.search.request import Mode
from openaisle.search.retrieve import Found, Meaning
from openaisle.search.understand import Intent

WORDS, MEANING, IDENTIFIER = "words", "meaning", "identifier"
IDENTIFIED = 2.0
"""More than words and meaning together ever score: a product whose number was typed comes first."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each part of the score counts."""

    words: float
    meaning: float

    @classmethod
    def of(cls, mode: Mode, dense_weight: float, has_meaning: bool) -> Weights:
        if mode is Mode.DENSE:
            return cls(0.0, 1.0)
        if mode is Mode.LEXICAL or not has_meaning:
            return cls(1.0, 0.0)
        return cls(1.0 - dense_weight, dense_weight)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Matching rows, best first, their scores, and the parts that sum to them."""

    rows: Rows
    scores: Scores
    parts: Mapping[str, Scores]


def rank(
    snapshot: Snapshot,
    intent: Intent,
    meaning: Meaning | None,
    found: Found,
    filter: Expression | None,
    weights: Weights,
    window: int,
) -> Ranked:
    """Order what was found. The best `window` by words get the exact cosine, those by meaning the exact words."""
    lexical, dense = _completed(snapshot, intent, meaning, found, weights, window)
    parts = {
        WORDS: lexical * np.float32(weights.words / found.ceiling if found.ceiling else 0.0),
        MEANING: np.nan_to_num(dense) * np.float32(weights.meaning),
    }
    rows = found.rows
    if intent.identifier is not None:
        rows, parts = _with_identified(snapshot, intent.identifier, filter, rows, parts)
    scores: Scores = np.sum(list(parts.values()), axis=0, dtype=np.float32)
    order = np.lexsort((rows, -scores))
    return Ranked(rows[order], scores[order], {name: part[order] for name, part in parts.items()})


def _completed(
    snapshot: Snapshot, intent: Intent, meaning: Meaning | None, found: Found, weights: Weights, window: int
) -> tuple[Scores, Scores]:
    lexical, dense = found.lexical.copy(), found.dense.copy()
    if meaning is None or weights.meaning == 0:
        return lexical, dense
    unknown = np.flatnonzero(np.isnan(dense))
    if len(unknown) > window:
        unknown = unknown[np.argpartition(-lexical[unknown], window)[:window]]
    if len(unknown):
        dense[unknown] = meaning.cosines.relevance(snapshot.cosines(found.rows[unknown], meaning.vector))
    wordless = np.flatnonzero(lexical == 0)
    if len(wordless) and weights.words:
        lexical[wordless] = snapshot.lexical_scores(found.rows[wordless], intent.lexical)
    return lexical, dense


def _with_identified(
    snapshot: Snapshot, identifier: LexicalQuery, filter: Expression | None, rows: Rows, parts: dict[str, Scores]
) -> tuple[Rows, dict[str, Scores]]:
    """The products whose identifier was typed come first, whether they match otherwise or not."""
    identified = snapshot.retrieve(identifier, None, filter).lexical
    new = identified[~np.isin(identified, rows)]
    rows = np.concatenate([rows, new])
    padded = {name: np.concatenate([part, np.zeros(len(new), np.float32)]) for name, part in parts.items()}
    return rows, {**padded, IDENTIFIER: np.isin(rows, identified) * np.float32(IDENTIFIED)}
