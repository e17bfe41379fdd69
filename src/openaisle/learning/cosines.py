"""How the cosines of a trained encoder read: what unrelated texts reach, and what a query and its answer do.

Training moves them, and the search's relevance floor stands on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from openaisle.learning.examples import Example, JudgedQuery, Triplet
from openaisle.models.protocol import CosineRange

_PAIRS = 300
_FEWEST = 10
"""Pairs below which nothing can be said, and the usual range is stated."""

_UNRELATED = 95
"""The percentile of unrelated pairs that counts as the most they usually reach."""

_LEAST_WIDTH = 0.05


def cosine_range(head: Any, examples: Sequence[Example]) -> CosineRange | None:
    """The range of a match head, from queries with answers; None with too few of them.

    Unrelated are a query and the answer to another: a few of those are related after all, which the percentile bears.
    """
    pairs = [pair for example in examples if (pair := _answered(example)) is not None][:_PAIRS]
    if len(pairs) < _FEWEST:
        return None
    queries = head.encode([query for query, _ in pairs], "query")
    documents = head.encode([answer for _, answer in pairs], "document")
    cosines = queries @ documents.T
    others = cosines[~np.eye(len(pairs), dtype=bool)]
    related = float(np.median(np.diag(cosines)))
    unrelated = min(float(np.percentile(others, _UNRELATED)), related - _LEAST_WIDTH)
    return CosineRange(unrelated=round(max(unrelated, -1.0), 4), related=round(related, 4))


def _answered(example: Example) -> tuple[str, str] | None:
    if isinstance(example, Triplet):
        return example.anchor, example.positive
    if isinstance(example, JudgedQuery):
        best = max(example.candidates, key=lambda candidate: candidate.gain, default=None)
        return None if best is None or best.gain <= 0 else (example.query, best.text)
    return None
