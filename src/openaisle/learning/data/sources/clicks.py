"""Judged queries from clicks: what was clicked more than its place explains answers better.

Where impressions are known, a product's clicks are set against those that its position would have brought to any
product (clicks over expected clicks: Zhang & Jones 2007, "Comparing Click Logs and Editorial Labels for Training Query
Rewriting"), smoothed so that few impressions stay near the average. Without impressions the clicks alone decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from openaisle.learning.data.clicks import Click, ClickSource
from openaisle.learning.data.keys import canonical
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.examples import Candidate, JudgedQuery

_PRIOR_CLICKS = 1.0
"""Expected clicks that are added to both sides of a rate: the weight of the average against what was seen."""
_SEEN_ENOUGH = 10.0
"""Impressions from which a product without a click counts as no answer; before, nothing is known of it."""


@dataclass(slots=True)
class _Tally:
    query: str
    clicks: float = 0.0
    impressions: float = 0.0
    placed: float = 0.0
    """Impressions times position."""

    def add(self, click: Click) -> None:
        shown = click.clicks if click.impressions is None else click.impressions
        self.clicks += click.clicks
        self.impressions += click.impressions or 0.0
        self.placed += shown * (click.position or 0.0)

    @property
    def position(self) -> int:
        """The rounded mean place; 0 where none was recorded."""
        return round(self.placed / self.impressions) if self.impressions and self.placed else 0


Tallies = Mapping[tuple[str, str], _Tally]


def from_clicks(source: ClickSource, shelf: Shelf) -> Iterator[JudgedQuery]:
    """One example a query with at least one click; spellings of a query that ask the same are one query.

    Gains run from 0 to 1, the best of a query being 1. Products that the shop no longer has are passed over.
    """
    tallies = _added_up(source.clicks())
    texts = shelf.texts(product for _, product in tallies)
    expected = _rate_by_position(tallies)
    by_query: dict[str, dict[str, _Tally]] = defaultdict(dict)
    for (key, product), tally in tallies.items():
        if product in texts:
            by_query[key][product] = tally
    for judged in by_query.values():
        gains = _gains(judged, expected)
        if gains:
            query = max(judged.values(), key=lambda tally: tally.clicks).query
            yield JudgedQuery(query, tuple(Candidate(texts[id_], gain, id_) for id_, gain in gains.items()))


def _added_up(clicks: Iterable[Click]) -> Tallies:
    tallies: dict[tuple[str, str], _Tally] = {}
    for click in clicks:
        tallies.setdefault((canonical(click.query), click.product_id), _Tally(click.query)).add(click)
    return tallies


def _rate_by_position(tallies: Tallies) -> Mapping[int, float]:
    """Clicks an impression, by place; for products without a place, over all of them."""
    clicks: dict[int, float] = defaultdict(float)
    impressions: dict[int, float] = defaultdict(float)
    for tally in tallies.values():
        if tally.impressions:
            clicks[tally.position] += tally.clicks
            impressions[tally.position] += tally.impressions
    return {place: clicks[place] / shown for place, shown in impressions.items()}


def _gains(judged: Mapping[str, _Tally], expected: Mapping[int, float]) -> dict[str, float]:
    """A gain for each product of which something is known; none at all where nothing was clicked."""
    strengths = {id_: _strength(tally, expected) for id_, tally in judged.items() if tally.clicks}
    best = max(strengths.values(), default=0.0)
    if best <= 0:
        return {}
    unclicked = {id_: 0.0 for id_, tally in judged.items() if not tally.clicks and tally.impressions >= _SEEN_ENOUGH}
    return {id_: round(strength / best, 6) for id_, strength in strengths.items()} | unclicked


def _strength(tally: _Tally, expected: Mapping[int, float]) -> float:
    if not tally.impressions:
        return tally.clicks
    usual = tally.impressions * expected[tally.position]
    return (tally.clicks + _PRIOR_CLICKS) / (usual + _PRIOR_CLICKS)
