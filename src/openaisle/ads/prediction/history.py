"""What ads were shown and what came of it, out of the log of events: what a rate is learnt from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from openaisle.ads.campaign import Campaign
from openaisle.ads.prediction.features import Shown
from openaisle.ads.prediction.rates import Counts
from openaisle.ads.sealing import Showing
from openaisle.ads.targeting.targets import how_found
from openaisle.errors import InvalidAdToken
from openaisle.events.event import Event, Kind, Source

Opened = Callable[[Event], tuple[Campaign, Showing]]
"""An event about an ad to its campaign and what was shown. Raises `InvalidAdToken`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An ad that was shown, and whether it was clicked, and whether what was clicked was ordered."""

    time: int
    shown: Shown
    position: int
    clicked: bool
    ordered: bool


def outcomes(events: Iterable[Event], opened: Opened) -> list[Outcome]:
    """One for each showing, in order of time, however often it was reported. An order belongs to a click on the product
    by the same shopper; what names no ad of this shop is left out."""
    showings: dict[str, tuple[int, Shown, int]] = {}
    clicked: dict[str, tuple[str, str]] = {}
    ordered: set[tuple[str, str]] = set()
    for event in events:
        if event.kind is Kind.ORDER and event.shopper:
            ordered.add((event.shopper, event.product_id))
        elif event.source is Source.AD and event.kind is Kind.CLICK:
            clicked[event.placement] = (event.shopper, event.product_id)
        elif event.source is Source.AD and event.kind is Kind.IMPRESSION and event.placement not in showings:
            try:
                showings[event.placement] = _showing(event, *opened(event))
            except InvalidAdToken:
                continue
    return [
        Outcome(time, shown, position, placement in clicked, clicked.get(placement) in ordered)
        for placement, (time, shown, position) in sorted(showings.items(), key=lambda pair: pair[1][0])
    ]


def clicks_of(seen: Iterable[Outcome]) -> Counts:
    """Clicks of showings, with their places."""
    kept = list(seen)
    return Counts.of([each.shown for each in kept], [each.position for each in kept], [each.clicked for each in kept])


def orders_of(seen: Iterable[Outcome]) -> Counts:
    """Orders of clicks; where the ad stood no longer matters."""
    kept = [each for each in seen if each.clicked]
    return Counts.of([each.shown for each in kept], np.ones(len(kept), int).tolist(), [each.ordered for each in kept])


def _showing(event: Event, campaign: Campaign, showing: Showing) -> tuple[int, Shown, int]:
    how = how_found(campaign, showing.keyword)
    shown = Shown(campaign.id, showing.product_id, event.query, how, showing.relevance)
    return event.time, shown, showing.position
