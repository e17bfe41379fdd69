"""Recall: the share of the relevant products that were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def recall(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """Products with a gain above 0 among the first k, of all that have one; 0 if nothing is relevant."""
    relevant = {product for product, gain in gains.items() if gain > 0}
    return len(relevant.intersection(ranked[:k])) / len(relevant) if relevant else 0.0
