"""Why a product is recommended, in words that a shopper reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.context import Context
from openaisle.recommend.ids import UNKNOWN, Numbers
from openaisle.recommend.methods.content import ContentModel
from openaisle.recommend.neighbours import Neighbours

TEMPLATES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "viewed": {"en": "Because you viewed {title}", "zh": "因为您看过{title}"},
        "bought": {"en": "Because you bought {title}", "zh": "因为您买过{title}"},
        "viewed_with": {"en": "Often viewed with {title}", "zh": "看过{title}的人也看"},
        "bought_with": {"en": "Often bought with {title}", "zh": "常与{title}一起购买"},
        "cart": {"en": "Goes with {title} in your cart", "zh": "与购物车中的{title}相配"},
        "similar": {"en": "Similar to {title}", "zh": "与{title}相似"},
        "again": {"en": "You bought this before", "zh": "您曾经买过"},
        "opened": {"en": "You looked at this before", "zh": "您曾经看过"},
        "for_you": {"en": "Chosen for you", "zh": "为您推荐"},
        "trending": {"en": "More popular every day", "zh": "热度正在上升"},
        "popular": {"en": "Popular in this shop", "zh": "本店热门"},
        "new": {"en": "New in this shop", "zh": "新品上架"},
    }
)
"""By key and language; `{title}` stands for the product of `because`."""

_CONTENT = "content"
_PERSONAL = ("als", "sequential", "history", "session")


@dataclass(frozen=True, slots=True)
class Why:
    """The key of a template, and the number of the product that it speaks of, `UNKNOWN` where of none."""

    key: str
    because: int = UNKNOWN


def whys(products: Numbers, parts: Sequence[Mapping[str, float]], context: Context, knowledge: Knowledge) -> list[Why]:
    """For each product, with the parts of its score, the reason that says most of it and that can be said truly."""
    anchors = np.unique(context.remembered) if context.page == UNKNOWN else np.array([context.page], np.int32)
    unseen = knowledge.frequencies(products) == 0
    known = zip(products.tolist(), _anchored(products, anchors, context, knowledge), unseen, parts, strict=True)
    bought = set(context.history.product[context.history.bought].tolist())
    opened = {*context.session.tolist(), *context.history.product.tolist()}
    found = []
    for product, anchored, new, shares in known:
        if product in bought:
            found.append(Why("again"))
        elif product in opened:
            found.append(Why("opened"))
        else:
            found.append(anchored or (Why("new") if new else _unanchored(shares, len(anchors) > 0)))
    return found


def _unanchored(parts: Mapping[str, float], remembered: bool) -> Why:
    crowd = {name: parts.get(name, 0.0) for name in ("trending", "popular")}
    if remembered and max(parts.get(name, 0.0) for name in _PERSONAL) > max(crowd.values()):
        return Why("for_you")
    return Why("trending" if crowd["trending"] > crowd["popular"] else "popular")


def _anchored(products: Numbers, anchors: Numbers, context: Context, knowledge: Knowledge) -> list[Why | None]:
    """The anchor that each is tied to the closest, by the first kind of tie that there is."""
    found: list[Why | None] = [None] * len(products)
    if len(anchors) == 0:
        return found
    for name, ties in _ties(products, anchors, context, knowledge):
        if None not in found:
            break
        for place in np.flatnonzero(ties.any(axis=1)).tolist():
            if found[place] is None:
                found[place] = _spoken(int(anchors[ties[place].argmax()]), context, name)
    return found


def _ties(
    products: Numbers, anchors: Numbers, context: Context, knowledge: Knowledge
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """How close each product is to each anchor (products, anchors), 0 where it is not, the kind that is told first
    first."""
    tables = ("bought", "followed", "viewed", "item_knn")
    if len(context.cart) == 0 and context.page == UNKNOWN:
        tables = ("followed", "viewed", "item_knn", "bought")
    for name in tables:
        table = getattr(knowledge.methods.get(name), "table", None)
        if isinstance(table, Neighbours):
            yield name, table.between(products, anchors)
    content = knowledge.methods.get("content")
    if isinstance(content, ContentModel):
        cosines = content.vectors(products) @ content.vectors(anchors).T
        yield _CONTENT, np.where(cosines >= _ALIKE, cosines, np.float32(0))


_ALIKE = 0.5
"""Cosine from which two products may be called similar."""


def _spoken(anchor: int, context: Context, tie: str) -> Why:
    if tie == _CONTENT:
        return Why("similar", anchor)
    if anchor == context.page:
        return Why("bought_with" if tie == "bought" else "viewed_with", anchor)
    if anchor in context.cart:
        return Why("cart", anchor)
    bought = context.history.product[context.history.bought]
    return Why("bought" if anchor in bought and anchor not in context.session else "viewed", anchor)
