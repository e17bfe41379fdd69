"""Which products may stand in a placement at all."""

from __future__ import annotations

import numpy as np

from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.context import Context
from openaisle.recommend.ids import UNKNOWN, Numbers, entries, located
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
        & ~_among(products, before)
        & ~_among(entries(knowledge.shelf.group, products, UNKNOWN), _variants(knowledge, context))
        & _not_owned(products, context, knowledge)
        & _of_category(products, context, knowledge, placement.category)
    )
    return fit


def _among(products: Numbers, few: Numbers) -> Mask:
    among: Mask = (products[:, None] == few).any(axis=1)
    return among


def _not_owned(products: Numbers, context: Context, knowledge: Knowledge) -> Mask:
    bought = context.history.bought
    places, found = located(context.history.product[bought], products)
    owned, days = np.zeros(len(products), bool), np.zeros(len(products))
    # the history is oldest first, so the newest purchase of a product is written last
    owned[places[found]] = True
    days[places[found]] = np.maximum(0, context.time - context.history.time[bought][found]) / _DAY_MS
    fit: Mask = ~owned | knowledge.repeats.due(products, days)
    return fit


def _variants(knowledge: Knowledge, context: Context) -> Numbers:
    """The groups of what is on the page and in the cart."""
    groups = entries(knowledge.shelf.group, np.append(context.cart, context.page).astype(np.int32), UNKNOWN)
    stated: Numbers = groups[groups != UNKNOWN]
    return stated


def _of_category(products: Numbers, context: Context, knowledge: Knowledge, wanted: Category) -> Mask:
    """Similar products may come from the categories beside the page's own, complementary ones not from its own. Where
    the page's category or a product's is not stated, nothing is known against it."""
    if wanted is Category.ANY or context.page == UNKNOWN:
        return np.ones(len(products), bool)
    shelf = knowledge.shelf
    column = shelf.branch if wanted is Category.SAME else shelf.category
    theirs, own = entries(column, products, UNKNOWN), entries(column, np.array([context.page], np.int32), UNKNOWN)[0]
    same = theirs == own
    fit: Mask = (same if wanted is Category.SAME else ~same) | (theirs == UNKNOWN) | (own == UNKNOWN)
    return fit


def beside(products: Numbers, context: Context, knowledge: Knowledge, wanted: Category) -> Mask:
    """Similar products that are not of the page's own category, which come behind those that are."""
    if wanted is not Category.SAME or context.page == UNKNOWN:
        return np.zeros(len(products), bool)
    column = knowledge.shelf.category
    theirs, own = entries(column, products, UNKNOWN), entries(column, np.array([context.page], np.int32), UNKNOWN)[0]
    apart: Mask = (theirs != own) & (theirs != UNKNOWN) & (own != UNKNOWN)
    return apart
