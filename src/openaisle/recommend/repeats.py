"""Which products are taken again: opened again in a session, bought again by a shopper, and after how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.ids import UNKNOWN, Numbers, entries
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.scores import Values

_DAY_MS = 86_400_000.0
_DOUBT = 10.0
"""Sessions, or buyers, that the shop's average counts as beside a product's own."""
USUAL = 0.15
"""Share of buyers who buy again from which a second purchase is usual."""
_DUE = 0.3
"""Part of the usual interval after which a product may be due."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Per product: share of sessions that open it again, share of buyers who buy it again, days between purchases."""

    opened: Values
    bought: Values
    days: Values

    def due(self, products: Numbers, days_since: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether a product that was bought so many days ago may be shown: others buy it again, and not sooner."""
        often = entries(self.bought, products, 0) >= USUAL
        due: NDArray[np.bool_] = often & (days_since >= _DUE * entries(self.days, products, 0))
        return due

    def at(self, products: Numbers) -> tuple[Values, Values]:
        """Shares of opening and of buying again; 0 for products that came later."""
        return entries(self.opened, products, 0), entries(self.bought, products, 0)


def repeats_of(interactions: Interactions) -> Repeats:
    count = len(interactions.products)
    _, product, times, _ = _grouped(interactions.session, interactions, np.ones(len(interactions), bool))
    opened = _share(product, times > 1, count)
    orders = interactions.bought & (interactions.shopper != UNKNOWN)
    # the same session is the same purchase
    keys = np.stack((interactions.shopper, interactions.product, interactions.session))[:, orders]
    _, first = np.unique(keys, axis=1, return_index=True)
    purchases = np.zeros(len(interactions), bool)
    purchases[np.flatnonzero(orders)[first]] = True
    _, product, times, gaps = _grouped(interactions.shopper, interactions, purchases)
    return Repeats(opened, _share(product, times > 1, count), _interval(gaps, count))


_Gaps = tuple[NDArray[np.int32], NDArray[np.float64]]


def _grouped(
    owner: Numbers, interactions: Interactions, chosen: NDArray[np.bool_]
) -> tuple[Numbers, Numbers, NDArray[np.int64], _Gaps]:
    """Owner and product of each pair, how often it occurs, and the products and lengths (days) of the gaps between."""
    owner, product, time = owner[chosen], interactions.product[chosen], interactions.time[chosen]
    order = np.lexsort((time, product, owner))
    owner, product, time = owner[order], product[order], time[order]
    same = (np.diff(owner) == 0) & (np.diff(product) == 0)
    firsts = np.flatnonzero(np.concatenate((np.ones(min(1, len(owner)), bool), ~same)))
    times = np.diff(np.concatenate((firsts, [len(owner)])))
    gaps = (product[1:][same], np.diff(time)[same] / _DAY_MS)
    return owner[firsts], product[firsts], times, gaps


def _share(product: Numbers, again: NDArray[np.bool_], count: int) -> Values:
    total = np.bincount(product, minlength=count)
    repeated = np.bincount(product, again, minlength=count)
    average = repeated.sum() / max(1, total.sum())
    share: Values = ((repeated + _DOUBT * average) / (total + _DOUBT)).astype(np.float32)
    return share


def _interval(gaps: _Gaps, count: int) -> Values:
    """Geometric mean of a product's gaps, pulled to the shop's."""
    product, days = gaps
    if len(days) == 0:
        return np.zeros(count, np.float32)
    logs = np.log(np.maximum(days, 1 / 24))
    total = np.bincount(product, minlength=count)
    mean = (np.bincount(product, logs, minlength=count) + _DOUBT * logs.mean()) / (total + _DOUBT)
    interval: Values = np.exp(mean).astype(np.float32)
    return interval
