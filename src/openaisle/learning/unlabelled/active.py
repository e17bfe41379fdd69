"""Which texts to have labelled next: those the model doubts, spread over the space.

Source: BADGE (Ash et al. 2020, "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower Bounds"): the
gradient that a text's most probable label would give a linear layer on its vector is long where the model is unsure
and points elsewhere for other texts; k-means++ seeding (Arthur & Vassilvitskii 2007) over those gradients picks texts
that are both. Before any model has learnt there are no probabilities, and seeding over the vectors alone spreads the
first choice. Only the seeding is used, so the cost is n passes over the texts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def select(
    texts: Sequence[str], vectors: NDArray[np.floating], probabilities: NDArray[np.floating] | None, n: int, seed: int
) -> list[int]:
    """The positions of the `n` texts to label next, most telling first; fewer where there are not so many.

    `vectors` is (texts, dimensions). `probabilities` is (texts, labels) summing to 1 a row, or (texts,) of one yes/no
    label (relevance of a pair, say), or None while nothing has learnt. Of texts that say the same, case, width and
    spaces apart, one at most is chosen. Raises ValueError where the three do not go together.
    """
    _check(texts, vectors, probabilities)
    distinct = _distinct(texts)
    if distinct.size <= n:
        return [int(position) for position in distinct]
    unit = _unit(np.asarray(vectors, np.float32)[distinct])
    pull = np.ones((distinct.size, 1), np.float32) if probabilities is None else _pull(probabilities)[distinct]
    chosen = _spread(unit, pull, n, np.random.default_rng(seed))
    return [int(position) for position in distinct[chosen]]


def _check(texts: Sequence[str], vectors: NDArray[np.floating], probabilities: NDArray[np.floating] | None) -> None:
    counts = {"texts": len(texts), "vectors": vectors.shape[0]}
    if probabilities is not None:
        counts["probabilities"] = probabilities.shape[0]
    if len(set(counts.values())) > 1:
        raise ValueError(", ".join(f"{count} {name}" for name, count in counts.items()))


def _distinct(texts: Sequence[str]) -> NDArray[np.intp]:
    first: dict[str, int] = {}
    for position, text in enumerate(texts):
        first.setdefault(" ".join(unicodedata.normalize("NFKC", text).casefold().split()), position)
    return np.fromiter(first.values(), np.intp, len(first))


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def _pull(probabilities: NDArray[np.floating]) -> Floats:
    """The gradient of the loss by the scores, were the most probable label the true one: (texts, labels)."""
    rows = np.asarray(probabilities, np.float32)
    if rows.ndim == 1:
        rows = np.stack([1 - rows, rows], axis=1)
    pull = rows.copy()
    pull[np.arange(len(rows)), rows.argmax(axis=1)] -= 1
    return pull


def _spread(vectors: Floats, pull: Floats, n: int, random: np.random.Generator) -> list[int]:
    """k-means++ seeding over `pull` ⊗ `vectors`, whose inner products factorise, so that they are never built."""
    squares = (pull**2).sum(axis=1)
    chosen = [_first(squares, pull.shape[1], random)]
    nearest = np.full(len(vectors), np.inf, np.float32)
    while len(chosen) < n:
        last = chosen[-1]
        shared = (pull @ pull[last]) * (vectors @ vectors[last])
        nearest = np.minimum(nearest, np.maximum(squares + squares[last] - 2 * shared, 0))
        nearest[chosen] = 0
        chosen.append(_draw(nearest, chosen, random))
    return chosen


def _first(squares: Floats, labels: int, random: np.random.Generator) -> int:
    return int(squares.argmax()) if labels > 1 else int(random.integers(len(squares)))


def _draw(weights: Floats, chosen: list[int], random: np.random.Generator) -> int:
    total = float(weights.sum(dtype=np.float64))
    if total > 0:
        return int(random.choice(len(weights), p=weights.astype(np.float64) / weights.sum(dtype=np.float64)))
    left = np.setdiff1d(np.arange(len(weights)), chosen)  # every text left equals a chosen one: any will do
    return int(random.choice(left))
