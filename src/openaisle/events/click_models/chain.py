"""A shopper who reads down the page: what the models with memory of a page have in common.

At each product shopper looks; it attracts or not; if clicked it satisfies or not; who is satisfied leaves, who is not
goes on with a fixed chance. The cascade model (Craswell, Zoeter, Taylor and Ramsey, 2008) and the dynamic Bayesian
network (Chapelle and Zhang, 2009) are of this form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from openaisle.events.click_models.estimates import Estimates
from openaisle.events.click_models.pages import Floats, Integers, Pages, Pairs

_LEAST = 1e-6
"""What a model holds impossible gets this chance: two clicks under the cascade model, for one."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """`attraction` and `satisfaction` (a click's chance to end the search) have a value a pair."""

    attraction: Floats
    satisfaction: Floats
    continuation: float


@dataclass(frozen=True, slots=True)
class ByChain:
    """A fitted model of reading down the page."""

    name: str
    pairs: Pairs
    parameters: Parameters
    relevance: Estimates
    examination: Floats | None = None

    def attractiveness(self, query: str, product: str) -> float | None:
        pair = self.pairs.find(query, product)
        return None if pair is None else float(self.parameters.attraction[pair])

    def probabilities(self, pages: Pages) -> Floats:
        chances = np.empty(pages.impressions)
        looked_at = np.ones(len(pages))
        for rows in descending(pages):
            attraction = self.parameters.attraction[pages.pair[rows]]
            satisfaction = self.parameters.satisfaction[pages.pair[rows]]
            looked_at = looked_at[: len(rows)]
            chances[rows] = looked_at * attraction
            looked_at = looked_at * (1 - attraction * satisfaction) * self.parameters.continuation
        return np.clip(chances, _LEAST, 1 - _LEAST)

    def given_above(self, pages: Pages) -> Floats:
        chances = np.empty(pages.impressions)
        looked_at = np.ones(len(pages))
        for rows in descending(pages):
            attraction = self.parameters.attraction[pages.pair[rows]]
            satisfaction = self.parameters.satisfaction[pages.pair[rows]]
            looked_at = looked_at[: len(rows)]
            chances[rows] = chance = looked_at * attraction
            unmoved = looked_at * (1 - attraction) / np.maximum(1 - chance, _LEAST)
            going_on = np.where(pages.clicked[rows], 1 - satisfaction, unmoved)
            looked_at = going_on * self.parameters.continuation
        return np.clip(chances, _LEAST, 1 - _LEAST)


def descending(pages: Pages) -> Iterator[Integers]:
    """Rows of all first places, then of all second ones …, the longest page first throughout.

    So a state a page stays in line with the rows when it is cut to their number, and nothing need be padded.
    """
    order = np.argsort(-pages.lengths, kind="stable")
    starts, lengths = pages.starts[:-1][order], pages.lengths[order]
    for place in range(int(lengths[0]) if len(lengths) else 0):
        yield starts[: int(np.searchsorted(-lengths, -place, side="left"))] + place


def last_clicks(pages: Pages) -> Integers:
    """For each page the row of its last click, -1 where it has none."""
    last = np.full(len(pages), -1, np.int64)
    rows = np.flatnonzero(pages.clicked)
    last[pages.page[rows]] = rows
    return last


def first_clicks(pages: Pages) -> Integers:
    """For each page the row of its first click, -1 where it has none."""
    first = np.full(len(pages), -1, np.int64)
    rows = np.flatnonzero(pages.clicked)[::-1]
    first[pages.page[rows]] = rows
    return first
