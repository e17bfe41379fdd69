"""The truth that simulated shoppers act on: how much each product attracts and satisfies for each query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaisle.events.click_models.pages import Floats

_ATTRACTS = (0.9, 2.2)
_SATISFIES = (2.0, 1.5)
"""Shapes of the Beta distributions: few products attract much, and what is clicked satisfies more often than not."""


@dataclass(frozen=True, slots=True)
class Market:
    """`attraction` and `satisfaction` are chances, shape (queries, products of a query)."""

    queries: tuple[str, ...]
    products: tuple[tuple[str, ...], ...]
    attraction: Floats
    satisfaction: Floats


def market(queries: int, products: int, seed: int) -> Market:
    """`products` of its own for each query, with chances drawn at random."""
    generator = np.random.default_rng(seed)
    shape = (queries, products)
    return Market(
        tuple(f"query {number}" for number in range(1, queries + 1)),
        tuple(tuple(f"p{query}-{number}" for number in range(1, products + 1)) for query in range(1, queries + 1)),
        np.clip(generator.beta(*_ATTRACTS, size=shape), 0.01, 0.95),
        np.clip(generator.beta(*_SATISFIES, size=shape), 0.05, 0.95),
    )
