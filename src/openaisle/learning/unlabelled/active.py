"""Which texts to have labelled next: those the model doubts, one from each neighbourhood.

Source: Zhdanov 2019, "Diverse mini-batch active learning": keep the `_POOL` × n texts with the smallest margin between
their two most probable labels (uncertainty), cluster them into n by k-means weighted with that doubt, and take the
text nearest to each centre (diversity). Before any model has learnt there are no probabilities, and the clusters alone
spread the first choice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

Floats = NDArray[np.float32]
Positions = NDArray[np.intp]

_POOL = 10
_FIRST_POOL = 20_000
"""Texts that the first choice, without probabilities, is made from at most."""


def select(
    texts: Sequence[str], vectors: NDArray[np.floating], probabilities: NDArray[np.floating] | None, n: int, seed: int
) -> list[int]:
    """The positions of the `n` texts to label next, the most doubted first; fewer where there are not so many.

    `vectors` is (texts, dimensions). `probabilities` is (texts, labels) summing to 1 a row, or (texts,) of one yes/no
    label (relevance of a pair, say), or None while nothing has learnt. Of texts that say the same, case, width and
    spaces apart, one at most is chosen. Raises ValueError where the three do not go together.
    """
    _check(texts, vectors, probabilities)
    if n < 1:
        return []
    distinct = _distinct(texts)
    doubt = np.ones(len(texts), np.float32) if probabilities is None else _doubt(probabilities)
    pool = _pool(distinct, doubt, n, seed) if probabilities is not None else _sample(distinct, n, seed)
    if pool.size <= n:
        return [int(position) for position in pool]
    chosen = _nearest_to_centres(_unit(vectors[pool]), np.maximum(doubt[pool], 1e-6), n, seed)
    filled = _filled(pool[chosen], pool, n)
    return [int(position) for position in filled[np.argsort(-doubt[filled], kind="stable")]]


def _check(texts: Sequence[str], vectors: NDArray[np.floating], probabilities: NDArray[np.floating] | None) -> None:
    counts = {"texts": len(texts), "vectors": vectors.shape[0]}
    if probabilities is not None:
        counts["probabilities"] = probabilities.shape[0]
    if len(set(counts.values())) > 1:
        raise ValueError(", ".join(f"{count} {name}" for name, count in counts.items()))


def _distinct(texts: Sequence[str]) -> Positions:
    first: dict[str, int] = {}
    for position, text in enumerate(texts):
        first.setdefault(" ".join(unicodedata.normalize("NFKC", text).casefold().split()), position)
    return np.fromiter(first.values(), np.intp, len(first))


def _doubt(probabilities: NDArray[np.floating]) -> Floats:
    """1 where the two most probable labels are level, 0 where one is certain: (texts,)."""
    rows = np.asarray(probabilities, np.float32)
    if rows.ndim == 1:
        return np.asarray(1 - np.abs(2 * rows - 1), np.float32)
    if rows.shape[1] < 2:
        return np.ones(len(rows), np.float32)
    best = np.partition(rows, -2, axis=1)
    return np.asarray(1 - (best[:, -1] - best[:, -2]), np.float32)


def _pool(distinct: Positions, doubt: Floats, n: int, seed: int) -> Positions:
    """The `_POOL` × n most doubted, ties in random order, so that the top of the list is not favoured."""
    shuffled = np.random.default_rng(seed).permutation(distinct)
    return shuffled[np.argsort(-doubt[shuffled], kind="stable")][: _POOL * n]


def _sample(distinct: Positions, n: int, seed: int) -> Positions:
    return np.random.default_rng(seed).permutation(distinct)[: max(_FIRST_POOL, _POOL * n)]


def _unit(vectors: NDArray[np.floating]) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def _nearest_to_centres(vectors: Floats, weights: Floats, n: int, seed: int) -> Positions:
    """The row nearest to each centre of n weighted clusters; fewer than n where rows coincide."""
    clusters = min(n, len(np.unique(vectors, axis=0)))
    means = KMeans(clusters, n_init=1, random_state=seed).fit(vectors, sample_weight=weights)
    distance = np.linalg.norm(vectors - means.cluster_centers_[means.labels_], axis=1)
    order = np.lexsort((distance, means.labels_))
    _, first = np.unique(means.labels_[order], return_index=True)
    return np.asarray(order[first], np.intp)


def _filled(chosen: Positions, pool: Positions, n: int) -> Positions:
    """The chosen and, up to n, the next of the pool in its order."""
    rest = pool[~np.isin(pool, chosen)]
    return np.concatenate([chosen, rest[: n - chosen.size]])
