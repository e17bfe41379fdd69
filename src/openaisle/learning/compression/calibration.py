"""How a cross-encoder's scores become relevance from 0 to 1.

Source: Platt 1999, "Probabilistic Outputs for Support Vector Machines": a logistic curve with two parameters, fitted on
judged pairs with targets that are kept off 0 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.learning.examples import Example, JudgedQuery, Scored, Triplet
from openaisle.learning.heads.lists import candidates
from openaisle.models.manifest import Calibration

_FEWEST = 20
_QUERIES = 500
_STEPS = 50
_LEAST_SCALE, _LARGEST = 1e-3, 1e4


def calibration_of(head: Any, examples: Sequence[Example]) -> Calibration | None:
    """The calibration of a rerank head on judged examples, gains scaled to the highest; None where there are too few
    pairs, or all are judged alike."""
    chosen = [one for one in examples if isinstance(one, JudgedQuery | Triplet | Scored)][:_QUERIES]
    if not chosen:
        return None
    scores = np.concatenate(head.predict(chosen)).astype(np.float64)
    gains = np.array([one.gain for example in chosen for one in candidates(example)[1]], np.float64)
    if len(gains) < _FEWEST or gains.max() <= 0 or gains.min() == gains.max():
        return None
    return fitted(scores, gains / gains.max())


def fitted(scores: NDArray[np.float64], relevances: NDArray[np.float64]) -> Calibration:
    """The logistic curve nearest to relevances from 0 to 1, by Newton's method."""
    answering, count = relevances.sum(), len(relevances)
    high, low = (answering + 1) / (answering + 2), 1 / (count - answering + 2)
    wanted = low + relevances * (high - low)
    spread = scores.std() or 1.0
    x = np.stack([(scores - scores.mean()) / spread, np.ones(count)], axis=1)
    weights = np.zeros(2)
    for _ in range(_STEPS):
        found = 0.5 * (1 + np.tanh(x @ weights / 2))
        slopes = np.maximum(found * (1 - found), 1e-6)
        curvature = (x * slopes[:, None]).T @ x + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, x.T @ (wanted - found))
        weights += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    # a scale that is not above 0 would turn the order around
    scale = float(np.clip(weights[0] / spread, _LEAST_SCALE, _LARGEST))
    shift = float(np.clip(weights[1] - weights[0] * scores.mean() / spread, -_LARGEST, _LARGEST))
    return Calibration(round(scale, 6), round(shift, 6))
