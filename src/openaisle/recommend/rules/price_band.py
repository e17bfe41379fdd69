"""Prices near those that the shopper looks at; what lies outside comes behind all that lies inside."""

from __future__ import annotations

import math
from statistics import median

import numpy as np

from openaisle.recommend.context import Context
from openaisle.recommend.ids import UNKNOWN, Numbers, entries
from openaisle.recommend.interactions import Mask
from openaisle.recommend.shelf import Shelf


def outside(products: Numbers, context: Context, shelf: Shelf, band: float) -> Mask:
    """Whether a price is further than `band` times from the page's, or from the middle of what was opened last; no
    price is never outside."""
    wanted = [context.page] if context.page != UNKNOWN else context.remembered[-10:].tolist()
    prices = shelf.price[[product for product in wanted if product < len(shelf)]]
    prices = prices[prices > 0]
    if len(prices) == 0:
        return np.zeros(len(products), bool)
    middle = math.exp(median(np.log(prices).tolist()))
    theirs = entries(shelf.price, products, np.nan)
    outside: Mask = (theirs > middle * band) | (theirs < middle / band)
    return outside
