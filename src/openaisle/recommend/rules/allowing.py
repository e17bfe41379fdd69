"""Which products may stand in a placement at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.context import Context
from openaisle.recommend.ids import UNKNOWN, Numbers
from openaisle.recommend.interactions import Mask
from openaisle.recommend.placements import Category, Placement

_DAY_MS = 86_400_000.0


def allowed(products: Numbers, context: Context, knowledge: Knowledge, placement: Placement) -> Mask:
    """Sold and in stock, neither what the shopper has before them nor a variant of it, not bought already unless it is
    due again, and of a category that the placement wants."""
    before = np.append(context.cart, context.page)
    if not placement.opened:
        before = np.append(before, context.session)
    fit: Mask = (
        knowledge.shelf.sold(products)
        & ~np.isin(products, before)
        & ~np.isin(_of(knowledge.shelf.group, products), _variants(knowledge, context))
        & _not_owned(products, context, knowledge)
        & _of_category(products, context, knowledge, placement.category)
    )
    return fit


def _not_owned(products: Numbers, context: Context, knowledge: Knowledge) -> Mask:
    bought = context.history.bought
    owned, last = context.history.product[bought], context.history.time[bought]
    places, found = _last_of(products, owned)
    days = np.zeros(len(products))
    days[found] = np.maximum(0, context.time - last[places[found]]) / _DAY_MS
    fit: Mask = ~found | knowledge.repeats.due(products, days)
    return fit


def _last_of(products: Numbers, among: Numbers) -> tuple[NDArray[np.intp], Mask]:
    """Where each product stands last, and whether it does."""
    places = np.zeros(len(products), np.intp)
    found = np.zeros(len(products), bool)
    at = {product: place for place, product in enumerate(among.tolist())}
    for row, product in enumerate(products.tolist()):
        if product in at:
            places[row], found[row] = at[product], True
    return places, found


def _variants(knowledge: Knowledge, context: Context) -> Numbers:
    """The groups of what is on the page and in the cart."""
    groups = _of(knowledge.shelf.group, np.append(context.cart, context.page).astype(np.int32))
    stated: Numbers = groups[groups != UNKNOWN]
    return stated


def _of_category(products: Numbers, context: Context, knowledge: Knowledge, wanted: Category) -> Mask:
    """Similar products may come from the categories beside the page's own, complementary ones not from its own. Where
    the page's category or a product's is not stated, nothing is known against it."""
    if wanted is Category.ANY or context.page == UNKNOWN:
        return np.ones(len(products), bool)
    shelf = knowledge.shelf
    column = shelf.branch if wanted is Category.SAME else shelf.category
    theirs, own = _of(column, products), _of(column, np.array([context.page], np.int32))[0]
    same = theirs == own
    fit: Mask = (same if wanted is Category.SAME else ~same) | (theirs == UNKNOWN) | (own == UNKNOWN)
    return fit


def beside(products: Numbers, context: Context, knowledge: Knowledge, wanted: Category) -> Mask:
    """Similar products that are not of the page's own category, which come behind those that are."""
    if wanted is not Category.SAME or context.page == UNKNOWN:
        return np.zeros(len(products), bool)
    column = knowledge.shelf.category
    theirs, own = _of(column, products), _of(column, np.array([context.page], np.int32))[0]
    apart: Mask = (theirs != own) & (theirs != UNKNOWN) & (own != UNKNOWN)
    return apart


def _of(column: Numbers, products: Numbers) -> Numbers:
    """Their entries; `UNKNOWN` for products that are not on the shelf."""
    known = (products >= 0) & (products < len(column))
    found = np.full(len(products), UNKNOWN, np.int32)
    found[known] = column[products[known]]
    return found
