"""The shop's own record of clicks: its log of events, without position bias where it is long enough."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from openaisle.errors import DataError
from openaisle.events.click_models.choose import MODELS, best, can_compare, compared
from openaisle.events.click_models.gather import KINDS, Gathered, gather
from openaisle.events.click_models.model import Fitted
from openaisle.events.click_models.pages import Pages
from openaisle.events.event import Event, Kind
from openaisle.learning.data.clicks import Click
from openaisle.learning.data.keys import canonical


class EventReader(Protocol):
    """What an event log is to those who learn from it; what is no person's doing is not among what it gives."""

    def read(self, kinds: Collection[Kind] | None = None) -> Iterator[Event]: ...


@dataclass(frozen=True, slots=True)
class EventClicks:
    """A `ClickSource`. `model` names a click model; without it the one is taken that tells unseen clicks best."""

    log: EventReader
    model: str | None = None

    def clicks(self) -> Iterator[Click]:
        """Examinations as a click model counts them, in place of impressions; where the pages are too few for one,
        impressions with their mean position; and where there are no impressions at all, clicks alone.

        Raises `DataError` where there are no clicks.
        """
        gathered = gather(self.log.read(KINDS), canonical)
        pages = gathered.pages
        if can_compare(pages):
            model = best(compared(pages)) if self.model is None else MODELS[self.model]
            return examined(model.fit(pages), gathered)
        if pages.clicks:
            return counted(gathered)
        if gathered.stray:
            return alone(gathered)
        raise DataError(
            "The shop has recorded no clicks.", "Give a file of query, product_id, clicks: path under [data]."
        )


def examined(fitted: Fitted, gathered: Gathered) -> Iterator[Click]:
    """Clicks and impressions as they would be if everything shown had been looked at."""
    relevance = fitted.relevance
    for pair, (query, product) in enumerate(_named(gathered)):
        seen = float(relevance.seen[pair])
        yield Click(query, product, float(relevance.mean[pair]) * seen, seen)


def counted(gathered: Gathered) -> Iterator[Click]:
    """Clicks, impressions and mean position as they were recorded."""
    pages = gathered.pages
    shown, clicked = pages.count(), pages.count(pages.clicked)
    position = pages.count(pages.position.astype(np.float64)) / np.maximum(shown, 1)
    for pair, (query, product) in enumerate(_named(gathered)):
        yield Click(query, product, float(clicked[pair]), float(shown[pair]), float(position[pair]))


def alone(gathered: Gathered) -> Iterator[Click]:
    """Clicks of which it is not known what was shown beside them."""
    return (Click(query, product, count) for (query, product), count in sorted(gathered.stray.items()) if query)


def _named(gathered: Gathered) -> Iterator[tuple[str, str]]:
    pages: Pages = gathered.pages
    for query, product in zip(pages.pairs.query.tolist(), pages.pairs.product.tolist(), strict=True):
        yield gathered.spellings[pages.pairs.queries[query]], pages.pairs.products[product]
