"""Where search and ads meet: a page of search as the ads room knows pages, and its ads as hits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from openaisle.ads.serving import AdServer, Ask
from openaisle.ads.step import AdStep
from openaisle.errors import OpenAisleError
from openaisle.events.log import now_ms
from openaisle.search.response import Hit
from openaisle.search.sponsor import AdSpace

_LOG = logging.getLogger(__name__)


class Sponsoring:
    """The ads of a shop's searches. Safe for many threads.

    `server` is called at the first search: it reads what was learnt, which must not keep a shop from opening.
    `known_as` names a shopper as their showings are counted, "" where they may not be.
    """

    def __init__(self, server: Callable[[], AdServer], known_as: Callable[[str], str]) -> None:
        self._open = server
        self._known_as = known_as
        self._server: AdServer | None = None
        self._opening = threading.Lock()

    def applies(self, *, query: str, offset: int, ordered: bool) -> bool:
        try:
            server = self._opened()
            fitting = AdStep(server).applies(query=query, offset=offset, ordered=ordered)
            return fitting and server.running(now_ms())
        except OpenAisleError:
            _LOG.exception("Ads cannot be served; pages go without.")
            return False

    def arranged(self, space: AdSpace) -> tuple[Hit, ...]:
        try:
            server, shopper = self._opened(), self._known_as(space.shopper)
        except OpenAisleError:
            _LOG.exception("Ads cannot be served; the page goes without.")
            return space.hits
        ask = Ask(
            query=space.query,
            query_id=space.query_id,
            time=now_ms(),
            organic=[hit.score for hit in space.hits],
            scored=_Scored(space, server.rules.slots),
            shopper=shopper,
            meaning=space.meaning,
        )
        placed = AdStep(server).arranged(ask, space.organic, space.entries)
        return tuple(
            each.hit.hit if each.ad is None else replace(each.hit.hit, ad=each.ad.as_dict()) for each in placed
        )

    def _opened(self) -> AdServer:
        if self._server is None:
            with self._opening:
                self._server = self._server or self._open()
        return self._server


class _Scored:
    """Scores of products that match, without those of which a variant stands before the first slot by its merit."""

    def __init__(self, space: AdSpace, slots: Sequence[int]) -> None:
        self._standings = space.standings
        self._above = {entry.id for entry in space.organic[: slots[0] - 1]} if slots else set()

    def __call__(self, ids: Sequence[str]) -> Mapping[str, float]:
        found = self._standings(ids)
        return {id: standing.score for id, standing in found.items() if standing.key not in self._above}
