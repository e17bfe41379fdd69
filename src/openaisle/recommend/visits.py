"""From a shopper's events to the context of this moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from openaisle.events.event import Event, Kind
from openaisle.recommend.context import Context, History
from openaisle.recommend.ids import UNKNOWN, Ids, Numbers
from openaisle.recommend.interactions import SESSION_GAP_MS, WEIGHTS, Interactions, Mask, from_events
from openaisle.recommend.request import RecommendationRequest

REMEMBERED = 500
"""Events of a shopper, the newest, that a recommendation is made from."""


def context_of(request: RecommendationRequest, events: Sequence[Event], products: Ids, now: int) -> Context:
    """`events` are the shopper's own, in any order; products that the model does not know are passed over."""
    known = [event for event in events if products.number(event.product_id) != UNKNOWN]
    rows = from_events(sorted(known, key=lambda event: event.time)[-REMEMBERED:], products)
    current = _current(rows, now)
    return Context(
        time=now,
        session=np.concatenate((rows.product[current], products.known(request.session))),
        history=_history(rows, ~current),
        page=products.number(request.product) if request.product else UNKNOWN,
        cart=products.known(dict.fromkeys(request.cart)) if request.cart else _cart(rows, current),
    )


def _current(rows: Interactions, now: int) -> Mask:
    """Rows of the visit that goes on now."""
    if len(rows) == 0 or now - rows.latest > SESSION_GAP_MS:
        return np.zeros(len(rows), bool)
    return np.asarray(rows.session == rows.session[int(rows.time.argmax())])


def _history(rows: Interactions, past: Mask) -> History:
    order = np.argsort(rows.time, kind="stable")
    order = order[past[order]]
    return History(rows.product[order], rows.time[order], rows.weight[order], rows.bought[order])


def _cart(rows: Interactions, current: Mask) -> Numbers:
    """What was put in the cart in this visit and not ordered."""
    put = current & (rows.weight == WEIGHTS[Kind.CART])
    if not put.any():
        return np.empty(0, np.int32)
    return np.setdiff1d(rows.product[put], rows.product[current & rows.bought]).astype(np.int32)
