"""Normalised discounted cumulative gain (Järvelin and Kekäläinen, 2002), with linear gain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log2


def ndcg(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """The first k against the best k possible, 0 if nothing is relevant; what is unjudged or below 0 counts 0."""
    ideal = _discounted(sorted((max(gain, 0.0) for gain in gains.values()), reverse=True)[:k])
    if ideal == 0:
        return 0.0
    return _discounted(max(gains.get(product, 0.0), 0.0) for product in ranked[:k]) / ideal


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / log2(rank + 2) for rank, gain in enumerate(gains))
