"""The position-based model: a click is a position that is looked at and a product that attracts (Richardson et al.,
2007; Craswell et al., 2008, call it the examination hypothesis)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaisle.events.click_models.cells import Cells, cells_of
from openaisle.events.click_models.estimates import STRENGTH, Estimates, prior_rates
from openaisle.events.click_models.interventions import usual
from openaisle.events.click_models.pages import Floats, Pages, Pairs
from openaisle.events.click_models.position_bias import position_bias

_ROUNDS = 40
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class ByPosition:
    """A fitted model in which a click hangs on position and product alone."""

    name: str
    pairs: Pairs
    relevance: Estimates
    examination: Floats

    def attractiveness(self, query: str, product: str) -> float | None:
        pair = self.pairs.find(query, product)
        return None if pair is None else float(self.relevance.mean[pair])

    def probabilities(self, pages: Pages) -> Floats:
        looked_at = np.append(self.examination, usual(max(pages.depth, 1))[len(self.examination) :])
        chance: Floats = looked_at[pages.position - 1] * self.relevance.mean[pages.pair]
        return chance

    def given_above(self, pages: Pages) -> Floats:
        return self.probabilities(pages)


@dataclass(frozen=True, slots=True)
class PositionBased:
    """Fits attractiveness given the position bias, which `position_bias` estimates unless `examination` states it."""

    examination: Floats | None = None
    name: str = "pbm"

    def fit(self, pages: Pages) -> ByPosition:
        cells = cells_of(pages)
        examination = position_bias(cells).examination if self.examination is None else self.examination
        return ByPosition(self.name, pages.pairs, attracting(pages.pairs, cells, examination), examination)


def attracting(pairs: Pairs, cells: Cells, examination: Floats) -> Estimates:
    """Attractiveness given examination: the mode of its posterior, and how many examinations its curvature is worth."""
    looked_at = examination[cells.place]
    clicks, missed = cells.by_pair(cells.clicks), cells.shown - cells.clicks
    rate = prior_rates(pairs, clicks, cells.by_pair(cells.shown * looked_at))
    hits, misses = clicks + STRENGTH * rate, STRENGTH * (1 - rate)
    low, high, appeal = np.zeros_like(rate), np.ones_like(rate), rate.copy()
    for _ in range(_ROUNDS):
        unclicked = looked_at / (1 - looked_at * appeal[cells.pair])
        slope = hits / appeal - misses / (1 - appeal) - cells.by_pair(missed * unclicked)
        curvature = hits / appeal**2 + misses / (1 - appeal) ** 2 + cells.by_pair(missed * unclicked**2)
        low, high = np.where(slope > 0, appeal, low), np.where(slope > 0, high, appeal)
        step = appeal + slope / curvature
        updated = np.where((step > low) & (step < high), step, (low + high) / 2)
        change = float(np.abs(updated - appeal).max(initial=0.0))
        appeal = updated
        if change < _TOLERANCE:
            break
    return Estimates(appeal, np.maximum(appeal * (1 - appeal) * curvature - STRENGTH, 0.0))
