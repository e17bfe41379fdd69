"""Position bias from interventions: the same product, for the same query, shown now here, now there.

Intervention harvesting (Agarwal, Zaitsev, Wang, Li, Najork and Joachims, 2019, "Estimating Position Bias without
Intrusive Interventions"): a product is as relevant in one place as in another, so that the ratio of its click rates is
the ratio at which the two places are looked at. As in their all-pairs estimator every two positions are compared; the
comparisons are pooled by one conditional likelihood: how the clicks that a pair had in all spread over the positions
at which it was shown. The relevance of the pair drops out of it, and so do pairs that always stood in one place.
"""

from __future__ import annotations

import numpy as np

from openaisle.events.click_models.cells import Cells
from openaisle.events.click_models.pages import Flags, Floats

_KNOWN = 0.3
"""Standard error of the logarithm of an examination up to which a position counts as known."""
_MOST_OF_CLICKS = 0.8
_PAIRS_AT_ONCE = 20_000
"""Bounds memory to 16 MB at 100 positions."""
_NEXT_TO_NOTHING = 1e-6
"""Information on every position that keeps the matrix from being singular."""
_ROUNDS = 500
_TOLERANCE = 1e-5


def usual(depth: int) -> Floats:
    """What is presumed of positions before anything is seen: a place is looked at in inverse proportion to its number.

    It counts as little as one click a position.
    """
    return 1.0 / np.arange(1, depth + 1)


def moved(cells: Cells) -> Flags:
    """Which cells belong to pairs that were clicked, and shown at more than one position."""
    places = cells.by_pair((cells.shown > 0).astype(np.float64))
    clicked = cells.by_pair(cells.clicks)
    flags: Flags = ((places > 1) & (clicked > 0))[cells.pair]
    return flags


def suffices(cells: Cells) -> bool:
    """Whether interventions tell of the positions at which nearly all clicks were made."""
    swapped = cells.where(moved(cells))
    if not len(swapped.pair):
        return False
    known = standard_errors(swapped, harvested(cells)) <= _KNOWN
    clicks = cells.by_place(cells.clicks)
    return bool(clicks[known].sum() >= _MOST_OF_CLICKS * clicks.sum())


def standard_errors(swapped: Cells, examination: Floats) -> Floats:
    """Of the logarithm of each position's examination against that of the position with most clicks.

    Two groups of positions between which nothing moved cannot be compared: their error is beyond all measure.
    """
    information = np.zeros((swapped.depth, swapped.depth))
    expected = swapped.shown * examination[swapped.place]
    total, clicks = swapped.by_pair(expected), swapped.by_pair(swapped.clicks)
    for first in range(0, swapped.pairs, _PAIRS_AT_ONCE):
        rows = slice(*np.searchsorted(swapped.pair, [first, first + _PAIRS_AT_ONCE]))
        block = slice(first, first + _PAIRS_AT_ONCE)
        shares = np.zeros((len(total[block]), swapped.depth))
        shares[swapped.pair[rows] - first, swapped.place[rows]] = expected[rows]
        shares /= np.maximum(total[block], 1e-300)[:, None]
        weighted = shares * clicks[block][:, None]
        information += np.diag(weighted.sum(axis=0)) - shares.T @ weighted
    others = np.arange(swapped.depth) != swapped.by_place(swapped.clicks).argmax()
    errors = np.zeros(swapped.depth)
    within = information[np.ix_(others, others)] + _NEXT_TO_NOTHING * np.eye(int(others.sum()))
    errors[others] = np.sqrt(np.diag(np.linalg.inv(within)))
    return errors


def harvested(cells: Cells, start: Floats | None = None) -> Floats:
    """How likely each position is looked at, the likeliest being 1 (length depth), by a fixed point of the likelihood.

    `start` is where to begin.
    """
    swapped = cells.where(moved(cells))
    prior = usual(cells.depth)
    clicks, pair_clicks = swapped.by_place(swapped.clicks), swapped.by_pair(swapped.clicks)
    examination = prior if start is None else start
    for _ in range(_ROUNDS):
        expected = swapped.by_pair(swapped.shown * examination[swapped.place])
        appeal = np.divide(pair_clicks, expected, out=np.zeros_like(expected), where=expected > 0)
        updated = (clicks + 1.0) / (swapped.by_place(swapped.shown * appeal[swapped.pair]) + 1.0 / prior)
        updated /= updated.max()
        change = float(np.abs(updated / examination - 1).max())
        examination = updated
        if change < _TOLERANCE:
            break
    return examination
