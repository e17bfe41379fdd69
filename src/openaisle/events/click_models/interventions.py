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

_ENOUGH = 10.0
"""Information on the logarithm of an examination from which a position counts as known (standard error about .3)."""
_MOST_OF_IMPRESSIONS = 0.95
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
    """Whether interventions tell of nearly all positions that shoppers were shown."""
    swapped = cells.where(moved(cells))
    if not len(swapped.pair):
        return False
    known = information(swapped, harvested(cells)) >= _ENOUGH
    shown = cells.by_place(cells.shown)
    return bool(shown[known].sum() >= _MOST_OF_IMPRESSIONS * shown.sum())


def information(swapped: Cells, examination: Floats) -> Floats:
    """Fisher information of the pooled comparison on the logarithm of each position's examination."""
    expected = swapped.shown * examination[swapped.place]
    total = swapped.by_pair(expected)[swapped.pair]
    share = np.divide(expected, total, out=np.zeros_like(total), where=total > 0)
    return swapped.by_place(swapped.by_pair(swapped.clicks)[swapped.pair] * share * (1 - share))


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
