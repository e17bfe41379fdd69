"""The cascade model (Craswell, Zoeter, Taylor and Ramsey, 2008): top down until the first click, then no more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaisle.events.click_models.chain import ByChain, Parameters, first_clicks
from openaisle.events.click_models.estimates import shrunk
from openaisle.events.click_models.pages import Pages


@dataclass(frozen=True, slots=True)
class Cascade:
    """Clicks after the first one are no evidence, and neither is what stands below it."""

    name: str = "cascade"

    def fit(self, pages: Pages) -> ByChain:
        first = first_clicks(pages)[pages.page]
        looked_at = (first < 0) | (np.arange(pages.impressions) <= first)
        attraction = shrunk(pages.pairs, pages.count(looked_at & pages.clicked), pages.count(looked_at))
        parameters = Parameters(attraction.mean, np.ones(len(pages.pairs)), 1.0)
        return ByChain(self.name, pages.pairs, parameters, attraction)
