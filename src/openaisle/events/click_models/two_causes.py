"""Position bias by expectation maximisation, where no product ever changes its place.

A click has two causes, that a position was looked at and that a product attracted; where there is none, either may have
been lacking. Which one is filled in by expectation (Dempster et al., 1977; for positions and clicks Wang, Golbandi,
Bendersky, Metzler and Najork, 2018, here in its plain form, with one parameter a pair instead of a regression).
"""

from __future__ import annotations

import numpy as np

from openaisle.events.click_models.cells import Cells
from openaisle.events.click_models.estimates import STRENGTH
from openaisle.events.click_models.interventions import usual
from openaisle.events.click_models.pages import Floats

_ROUNDS = 500
_TOLERANCE = 1e-5


def maximised(cells: Cells, start: Floats | None = None) -> Floats:
    """How likely each position is looked at, the likeliest being 1 (length depth); `start` is where to begin.

    What is presumed of a product is the same everywhere. So where nothing ever moved, better products higher up look
    like positions that are looked at more: the estimate is then an upper bound of the bias.
    """
    prior = usual(cells.depth)
    shown, clicks = cells.by_place(cells.shown), cells.by_place(cells.clicks)
    examination = _scaled((clicks + 1.0) / (shown + 1.0 / prior)) if start is None else start
    pair_shown = cells.by_pair(cells.shown)
    weight = pair_shown / (pair_shown + STRENGTH)
    rate = (clicks.sum() + 1.0) / ((shown * examination).sum() + 2.0)
    appeal = np.full(cells.pairs, rate)
    for _ in range(_ROUNDS):
        looked_at, attracts = examination[cells.place], appeal[cells.pair]
        missed = (cells.shown - cells.clicks) / (1 - looked_at * attracts)
        was_looked_at = cells.clicks + missed * looked_at * (1 - attracts)
        would_attract = cells.clicks + missed * attracts * (1 - looked_at)
        appeal = (cells.by_pair(would_attract) + STRENGTH * rate) / (pair_shown + STRENGTH)
        rate = float((weight * appeal).sum() / weight.sum())
        raw = (cells.by_place(was_looked_at) + 1.0) / (shown + 1.0 / prior)
        appeal, updated = np.clip(appeal * raw.max(), 0, 1 - 1e-9), _scaled(raw)
        change = float(np.abs(updated / examination - 1).max())
        examination = updated
        if change < _TOLERANCE:
            break
    return examination


def _scaled(examination: Floats) -> Floats:
    scaled: Floats = examination / examination.max()
    return scaled
