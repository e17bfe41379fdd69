"""Not the same thing ten times: maximal marginal relevance (Carbonell and Goldstein, 1998)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.ids import UNKNOWN, Numbers, entries
from openaisle.recommend.scores import Values
from openaisle.recommend.shelf import Shelf

_CATEGORY, _BRANCH = 0.6, 0.3
"""How alike two products of one category, or of one first step of it, are where nothing closer is known."""


def diverse(scores: Values, likeness: Values, strength: float, count: int) -> tuple[NDArray[np.intp], Values]:
    """The order of the first `count`, and what each lost for being like one before it (0 or less).

    `scores` (n,) in descending order, `likeness` (n, n) from 0 to 1. What is exactly like a chosen one loses `strength`
    times the distance between the best and the worst score.
    """
    count = min(count, len(scores))
    price = strength * float(scores[0] - scores[-1]) if len(scores) else 0.0
    closest = np.zeros(len(scores), np.float32)
    left = np.ones(len(scores), bool)
    order, lost = np.empty(count, np.intp), np.empty(count, np.float32)
    for place in range(count):
        worth = np.where(left, scores - price * closest, -np.inf)
        best = int(worth.argmax())
        order[place], lost[place], left[best] = best, -price * closest[best], False
        closest = np.maximum(closest, likeness[best])
    return order, lost


def likeness_of(products: Numbers, vectors: Values | None, shelf: Shelf) -> Values:
    """How alike products are, (n, n): by their vectors where there are any, else by category."""
    if vectors is not None and vectors.any():
        near: Values = np.clip(vectors @ vectors.T, 0, 1)
        return near
    alike = np.zeros((len(products), len(products)), np.float32)
    for column, value in ((shelf.branch, _BRANCH), (shelf.category, _CATEGORY)):
        theirs = entries(column, products, UNKNOWN)
        alike[(theirs[:, None] == theirs[None, :]) & (theirs != UNKNOWN)[:, None]] = value
    return alike
