"""Ads as a step of a search: after the page is known, before it is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from openaisle.ads.placing import Placed, place
from openaisle.ads.serving import AdServer, Ask
from openaisle.errors import OpenAisleError

_LOG = logging.getLogger(__name__)


class ScoredHit(Protocol):
    """A hit of a page, as far as ads need to know it."""

    @property
    def id(self) -> str: ...

    @property
    def score(self) -> float: ...


_Hit = TypeVar("_Hit", bound=ScoredHit)


class AdStep:
    """Safe for many threads."""

    def __init__(self, server: AdServer) -> None:
        self._server = server

    def applies(self, *, query: str, offset: int, ordered: bool) -> bool:
        """Whether the page may have ads: the first one, of a search for something, in the order of relevance."""
        return bool(query.strip()) and offset == 0 and not ordered and bool(self._server.rules.slots)

    def arranged(
        self, ask: Ask, organic: Sequence[_Hit], hits_of: Callable[[Sequence[str]], Mapping[str, _Hit]]
    ) -> tuple[Placed[_Hit], ...]:
        """The page with its ads, as long as it was. `hits_of` makes hits of product ids; those gone are left out.

        Where ads fail, the page is as it would be without: what a shopper looks for comes first.
        """
        try:
            ads = self._server.choose(ask)
            hits = hits_of([ad.product_id for ad in ads]) if ads else {}
        except OpenAisleError:
            _LOG.exception("Ads failed; the page goes without.")
            return tuple(Placed(hit) for hit in organic)
        shown = [(ad, hits[ad.product_id]) for ad in ads if ad.product_id in hits]
        return place(organic, shown, len(organic))
