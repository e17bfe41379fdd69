"""Reciprocal rank of the first relevant product (its mean over queries is MRR)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def reciprocal_rank(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """1 / rank of the first product with a gain above 0 among the first k; 0 if there is none."""
    for rank, product in enumerate(ranked[:k], start=1):
        if gains.get(product, 0.0) > 0:
            return 1 / rank
    return 0.0
