"""Interactions written as texts, for the tests of recommendations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from openaisle.events.event import Kind
from openaisle.recommend.context import Context
from openaisle.recommend.ids import UNKNOWN, Ids
from openaisle.recommend.interactions import WEIGHTS, Interactions, from_columns

DAY = 86_400_000
MINUTE = 60_000


def visits(
    *sessions: str, shoppers: Sequence[str] = (), kind: Kind = Kind.VIEW, products: Ids | None = None
) -> Interactions:
    """Sessions a day apart, each a text of one-letter products, opened a minute apart."""
    products, names = products or Ids("abcdefghij"), Ids()
    rows = [
        (
            products.add(product),
            number,
            names.add(shoppers[number]) if shoppers else UNKNOWN,
            list(WEIGHTS).index(kind),
            number * DAY + place * MINUTE,
        )
        for number, session in enumerate(sessions)
        for place, product in enumerate(session)
    ]
    columns = np.array(rows, np.int64).reshape(len(rows), 5).T
    return from_columns(*columns, products=products, shoppers=names)


def at(letters: str, products: Ids) -> np.ndarray:
    return np.array([products.number(letter) for letter in letters], np.int32)


def context(session: str, products: Ids, time: int = 100 * DAY) -> Context:
    return Context(time=time, session=at(session, products))
