"""How often two products come together in a session or a basket, counted without a loop over pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.ids import Numbers
from openaisle.recommend.interactions import Interactions

_AT_ONCE = 8_000_000
"""Pairs that are gathered before they are added up: bounds memory."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Ordered pairs, each once, in order of `first`, then of `second`; `value` is what was summed over them."""

    first: Numbers
    second: Numbers
    value: NDArray[np.float64]


def near(interactions: Interactions, window: int, distance: float) -> Pairs:
    """Products at most `window` rows apart in a session, the earlier one `first`, summed with exp(-(lag - 1) /
    distance); rows of the same product are pairs as well."""
    chunks = _lags(interactions.product, interactions.session, window)
    weighted = ((first, second, np.full(len(first), np.exp(-(lag - 1) / distance))) for lag, first, second in chunks)
    return _summed(weighted, len(interactions.products))


def together(interactions: Interactions, longest: int) -> Pairs:
    """In how many sessions both came, in both orders; of a session with more products than `longest`, products that
    lie further apart than that are not paired."""
    keys = np.unique(interactions.session.astype(np.int64) * len(interactions.products) + interactions.product)
    session, product = np.divmod(keys, max(1, len(interactions.products)))
    chunks = _lags(product.astype(np.int32), session.astype(np.int32), longest)
    both = (
        (np.concatenate((first, second)), np.concatenate((second, first)), np.ones(2 * len(first)))
        for _, first, second in chunks
    )
    return _summed(both, len(interactions.products))


def _lags(product: Numbers, session: Numbers, most: int) -> Iterator[tuple[int, Numbers, Numbers]]:
    for lag in range(1, most + 1):
        same = np.flatnonzero(session[lag:] == session[:-lag])
        if len(same) == 0:
            return
        yield lag, product[same], product[same + lag]


def _summed(chunks: Iterator[tuple[Numbers, Numbers, NDArray[np.float64]]], products: int) -> Pairs:
    keys, values = np.empty(0, np.int64), np.empty(0)
    waiting: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    for first, second, value in chunks:
        waiting.append((first.astype(np.int64) * products + second, value))
        if sum(len(each) for each, _ in waiting) > _AT_ONCE:
            keys, values = _added([(keys, values), *waiting])
            waiting = []
    keys, values = _added([(keys, values), *waiting])
    first, second = np.divmod(keys, max(1, products))
    return Pairs(first.astype(np.int32), second.astype(np.int32), values)


def _added(parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    unique, inverse = np.unique(np.concatenate([keys for keys, _ in parts]), return_inverse=True)
    values = np.concatenate([values for _, values in parts])
    return unique, np.bincount(inverse, values, len(unique)).astype(np.float64)
