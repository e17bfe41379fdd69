"""Recall over a whole catalogue, by exact search of the vectors of one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import BadRequest
from openaisle.learning.comparison.outcomes import Floats
from openaisle.learning.examples import Example, JudgedQuery

Vectors = NDArray[np.floating[Any]]

_SCORES_AT_ONCE = 20_000_000
"""Bounds memory (80 MB of scores) whatever the size of the catalogue."""


def catalogue_recall(
    examples: Sequence[Example], queries: Vectors, products: Vectors, ids: Sequence[str], k: int = 100
) -> Floats:
    """Recall@k of each judged query over all products: a value for each example, NaN where nothing in `ids` answers it.

    `queries` (examples, d) and `products` (products, d) are unit vectors in the order of `examples` and `ids`.
    """
    if queries.shape[0] != len(examples) or products.shape[0] != len(ids):
        raise BadRequest("There are not as many vectors as texts.", "Encode every query and every product, in order.")
    places = {identifier: place for place, identifier in enumerate(ids)}
    values = np.full(len(examples), np.nan)
    if not ids:
        return values
    step = max(1, _SCORES_AT_ONCE // len(ids))
    for start in range(0, len(examples), step):
        found = _nearest(queries[start : start + step] @ products.T, k)
        for place, nearest in enumerate(found, start=start):
            answers = _answers(examples[place], places)
            if answers:
                values[place] = len(answers.intersection(nearest.tolist())) / len(answers)
    return values


def _answers(example: Example, places: dict[str, int]) -> set[int]:
    if not isinstance(example, JudgedQuery):
        return set()
    return {places[each.product_id] for each in example.candidates if each.gain > 0 and each.product_id in places}


def _nearest(scores: Vectors, k: int) -> NDArray[np.intp]:
    if k >= scores.shape[1]:
        return np.tile(np.arange(scores.shape[1]), (scores.shape[0], 1))
    return np.argpartition(scores, -k, axis=1)[:, -k:]
