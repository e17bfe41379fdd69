"""The event: one thing that a shopper, or the shop towards a shopper, did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """`IMPRESSION`: a product was shown; `VIEW`: its page was opened, from wherever; `DWELL`: for how long."""

    QUERY = "query"
    IMPRESSION = "impression"
    CLICK = "click"
    VIEW = "view"
    DWELL = "dwell"
    CART = "cart"
    ORDER = "order"
    RETURN = "return"


class Source(StrEnum):
    """Where a product was shown or a visit came from."""

    SEARCH = "search"
    RECOMMENDATION = "recommendation"
    AD = "ad"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """`time` is in milliseconds since 1970 (UTC); `position` counts from 1; `seconds` belongs to `DWELL`.

    `shopper` and `session` are pseudonyms, "" where unknown. `query_id` ties what followed a search to it. `price` is
    for one piece, in major units of `currency`. `placement` names where a recommendation or an ad stood, `campaign`
    whose ad it was.
    """

    id: str
    kind: Kind
    time: int
    shopper: str = ""
    session: str = ""
    query_id: str = ""
    query: str = ""
    product_id: str = ""
    position: int | None = None
    price: float | None = None
    currency: str = ""
    quantity: int = 1
    seconds: float | None = None
    source: Source = Source.OTHER
    placement: str = ""
    campaign: str = ""
