"""From a shopper's events to the context of this moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from openaisle.events.event import Event, Kind
from openaisle.recommend.context import Context, History
from openaisle.recommend.ids import UNKNOWN, Ids, Numbers
from openaisle.recommend.interactions import SESSION_GAP_MS, WEIGHTS, Interactions, from_events
from openaisle.recommend.request import RecommendationRequest

REMEMBERED = 500
"""Events of a shopper, the newest, that a recommendation is made from."""


def context_of(request: RecommendationRequest, events: Sequence[Event], products: Ids, now: int) -> Context:
    """`events` are the shopper's own, in any order; products that the model does not know are passed over."""
    known = [event for event in events if products.number(event.product_id) != UNKNOWN]
    rows = from_events(sorted(known, key=lambda event: event.time)[-REMEMBERED:], products)
    current = _current(rows, now)
    history, visit = rows.where(~current), rows.where(current)
    return Context(
        time=now,
        session=np.concatenate((visit.product, products.known(request.session))),
        history=_history(history),
        page=products.number(request.product) if request.product else UNKNOWN,
        cart=_cart(request, visit, products),
    )


def _current(rows: Interactions, now: int) -> np.ndarray:
    """Rows of the visit that goes on now."""
    if len(rows) == 0 or now - rows.latest > SESSION_GAP_MS:
        return np.zeros(len(rows), bool)
    return np.asarray(rows.session == rows.session[int(rows.time.argmax())])


def _history(rows: Interactions) -> History:
    order = np.argsort(rows.time, kind="stable")
    return History(rows.product[order], rows.time[order], rows.weight[order], rows.bought[order])


def _cart(request: RecommendationRequest, visit: Interactions, products: Ids) -> Numbers:
    """What the shop says is in the cart; else what was put there in this visit and not ordered."""
    if request.cart:
        return products.known(dict.fromkeys(request.cart))
    put = np.unique(visit.product[visit.weight == WEIGHTS[Kind.CART]])
    return np.setdiff1d(put, visit.product[visit.bought]).astype(np.int32)
