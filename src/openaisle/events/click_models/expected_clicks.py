"""Clicks over expected clicks (Zhang and Jones, 2007, "Comparing Click Logs and Editorial Labels for Training Query
Rewriting"), and the plain click rate as what any model has to beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaisle.events.click_models.cells import Cells, cells_of
from openaisle.events.click_models.estimates import Estimates, shrunk
from openaisle.events.click_models.interventions import usual
from openaisle.events.click_models.pages import Floats, Pages
from openaisle.events.click_models.position_based import ByPosition


@dataclass(frozen=True, slots=True)
class ExpectedClicks:
    """Sets a product's clicks against those that its positions bring on average.

    What search puts first is clicked more for being better, too; that part is taken for bias here.
    """

    name: str = "coec"

    def fit(self, pages: Pages) -> ByPosition:
        cells = cells_of(pages)
        clicks = cells.by_place(cells.clicks) + 1.0
        rates = clicks / (cells.by_place(cells.shown) + 1.0 / usual(cells.depth))
        return _fitted(self.name, pages, cells, rates / rates.max())


@dataclass(frozen=True, slots=True)
class ClickRate:
    """Clicks an impression, as if every position were looked at alike."""

    name: str = "rate"

    def fit(self, pages: Pages) -> ByPosition:
        return _fitted(self.name, pages, cells_of(pages), np.ones(max(pages.depth, 1)))


def _fitted(name: str, pages: Pages, cells: Cells, examination: Floats) -> ByPosition:
    expected = cells.by_pair(cells.shown * examination[cells.place])
    share = shrunk(pages.pairs, cells.by_pair(cells.clicks), expected)
    relevance = Estimates(np.minimum(share.mean, 1 - 1e-6), share.seen)
    return ByPosition(name, pages.pairs, relevance, examination)
