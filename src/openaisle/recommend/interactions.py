"""What shoppers did with products, as columns: the one thing that every method learns from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.events.event import Event, Kind
from openaisle.recommend.ids import UNKNOWN, Ids, Numbers

Times = NDArray[np.int64]
Mask = NDArray[np.bool_]

WEIGHTS = {Kind.CLICK: 1.0, Kind.VIEW: 1.0, Kind.CART: 3.0, Kind.ORDER: 5.0, Kind.RETURN: -1.0}
"""How much each kind says of interest; other kinds say nothing of a product."""
SESSION_GAP_MS = 30 * 60 * 1000
"""Where events name no session, a pause this long begins another."""
_OPENING_MS = 10_000
"""A view that follows the click on its product within this time is that click's page opening, not a second visit."""


@dataclass(frozen=True, slots=True)
class Interactions:
    """Rows in order of session (by its first row's time), then of time.

    `product`, `session`, `shopper` are int32 numbers (`shopper` is `UNKNOWN` where nobody is known), `weight` float32
    says how much interest a row shows, `bought` whether it is an order, `time` is in milliseconds since 1970.
    """

    product: Numbers
    session: Numbers
    shopper: Numbers
    weight: NDArray[np.float32]
    bought: Mask
    time: Times
    products: Ids
    shoppers: Ids

    def __len__(self) -> int:
        return len(self.product)

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where each session begins, and the end: `(sessions + 1,)`."""
        changes = np.flatnonzero(np.diff(self.session)) + 1
        ends = [len(self)] if len(self) else []
        return np.concatenate(([0], changes, ends)).astype(np.int64)

    @property
    def latest(self) -> int:
        """Time of the last row; 0 without rows."""
        return int(self.time.max()) if len(self) else 0

    def where(self, mask: Mask) -> Interactions:
        """These rows only, with the same numbers of products and shoppers; sessions are numbered anew."""
        _, session = np.unique(self.session[mask], return_inverse=True)
        columns: dict[str, Any] = {
            name: getattr(self, name)[mask] for name in ("product", "shopper", "weight", "bought", "time")
        }
        return replace(self, session=session.astype(np.int32), **columns)


def from_events(events: Iterable[Event], products: Ids | None = None, shoppers: Ids | None = None) -> Interactions:
    """Clicks, views, carts, orders and returns with a product; a returned order counts as a view, no more.

    Names get the numbers that `products` and `shoppers` have for them, new ones are added to these.
    """
    products, shoppers, sessions = products or Ids(), shoppers or Ids(), Ids()
    codes = {kind: code for code, kind in enumerate(WEIGHTS)}
    rows = [
        (
            products.add(event.product_id),
            sessions.add(event.session) if event.session else UNKNOWN,
            shoppers.add(event.shopper) if event.shopper else UNKNOWN,
            codes[event.kind],
            event.time,
        )
        for event in events
        if event.kind in codes and event.product_id
    ]
    columns = np.array(rows, np.int64).reshape(len(rows), 5)
    return from_columns(*columns.T, products=products, shoppers=shoppers)


def from_columns(
    product: NDArray[np.int64],
    session: NDArray[np.int64],
    shopper: NDArray[np.int64],
    kind: NDArray[np.int64],
    time: Times,
    *,
    products: Ids,
    shoppers: Ids,
) -> Interactions:
    """The same from columns; `kind` numbers the keys of `WEIGHTS`, `session` may be `UNKNOWN`."""
    kinds = list(WEIGHTS)
    order = np.argsort(time, kind="stable")
    product, session, shopper, kind, time = (column[order] for column in (product, session, shopper, kind, time))
    session = _sessions(session, shopper, time)
    weight = np.array(list(WEIGHTS.values()), np.float32)[kind]
    bought = kind == kinds.index(Kind.ORDER)
    returned = bought & _returned(shopper, product, kind == kinds.index(Kind.RETURN))
    weight[returned], bought = WEIGHTS[Kind.VIEW], bought & ~returned
    rows = np.lexsort((time, session))
    opened = _openings(product[rows], session[rows], kind[rows], time[rows])
    kept = (weight[rows] > 0) & ~opened
    made = Interactions(
        product[rows].astype(np.int32),
        session[rows].astype(np.int32),
        shopper[rows].astype(np.int32),
        weight[rows],
        bought[rows],
        time[rows],
        products,
        shoppers,
    )
    return made if kept.all() else made.where(kept)


def _sessions(session: NDArray[np.int64], shopper: NDArray[np.int64], time: Times) -> NDArray[np.int64]:
    """Sessions numbered by their first row; rows without one are cut by the shopper's pauses, or stand alone."""
    # sessions keep their own negative range, shoppers' cuts and lone rows get theirs
    group = np.where(session != UNKNOWN, session, np.where(shopper != UNKNOWN, shopper, np.arange(len(time))))
    sort = np.where(session != UNKNOWN, 0, np.where(shopper != UNKNOWN, 1, 2))
    order = np.lexsort((time, group, sort))
    first = np.ones(len(time), bool)
    first[1:] = (np.diff(group[order]) != 0) | (np.diff(sort[order]) != 0)
    first[1:] |= (np.diff(time[order]) > SESSION_GAP_MS) & (sort[order][1:] == 1)
    numbered = np.empty(len(time), np.int64)
    numbered[order] = np.cumsum(first) - 1
    _, begins, inverse = np.unique(numbered, return_index=True, return_inverse=True)
    rank = np.empty(len(begins), np.int64)
    rank[np.argsort(begins, kind="stable")] = np.arange(len(begins))
    return rank[inverse]


def _returned(shopper: NDArray[np.int64], product: NDArray[np.int64], returning: Mask) -> Mask:
    """Rows of a shopper and a product that this shopper returned at some time."""
    if not returning.any():
        return np.zeros(len(product), bool)
    width = int(product.max(initial=0)) + 1
    keys = shopper * width + product
    returned: Mask = np.isin(keys, keys[returning & (shopper != UNKNOWN)]) & (shopper != UNKNOWN)
    return returned


def _openings(product: NDArray[np.int64], session: NDArray[np.int64], kind: NDArray[np.int64], time: Times) -> Mask:
    kinds = list(WEIGHTS)
    opened = np.zeros(len(product), bool)
    opened[1:] = (
        (np.diff(product) == 0)
        & (np.diff(session) == 0)
        & (np.diff(time) <= _OPENING_MS)
        & (kind[1:] == kinds.index(Kind.VIEW))
        & (kind[:-1] == kinds.index(Kind.CLICK))
    )
    return opened
