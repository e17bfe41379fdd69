"""Why a product is recommended, in words that a shopper reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

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

_PERSONAL = ("als", "sequential", "history", "session")


@dataclass(frozen=True, slots=True)
class Why:
    """The key of a template, and the number of the product that it speaks of, `UNKNOWN` where of none."""

    key: str
    because: int = UNKNOWN


def why(product: int, parts: Mapping[str, float], context: Context, knowledge: Knowledge) -> Why:
    """The reason that says most of the score and that can be said truly."""
    if product in context.history.product[context.history.bought]:
        return Why("again")
    if product in context.session or product in context.history.product:
        return Why("opened")
    anchors = np.unique(context.remembered)
    if context.page != UNKNOWN:
        anchors = np.array([context.page], np.int32)
    named = _anchored(product, anchors, context, knowledge)
    if named is not None:
        return named
    if knowledge.frequencies(np.array([product], np.int32))[0] == 0:
        return Why("new")
    crowd = {name: parts.get(name, 0.0) for name in ("trending", "popular")}
    personal = len(anchors) > 0 and max(parts.get(name, 0.0) for name in _PERSONAL) > max(crowd.values())
    if personal:
        return Why("for_you")
    return Why("trending" if crowd["trending"] > crowd["popular"] else "popular")


def _anchored(product: int, anchors: Numbers, context: Context, knowledge: Knowledge) -> Why | None:
    """The product that this one is tied to the closest, by the first kind of tie that there is."""
    tables = ("bought", "followed", "viewed", "item_knn")
    if len(context.cart) == 0 and context.page == UNKNOWN:
        tables = ("followed", "viewed", "item_knn", "bought")
    for name in tables:
        table = getattr(knowledge.methods.get(name), "table", None)
        if isinstance(table, Neighbours):
            ties = table.between(product, anchors)
            if ties.any():
                return _spoken(int(anchors[ties.argmax()]), context, name)
    content = knowledge.methods.get("content")
    if isinstance(content, ContentModel) and len(anchors):
        ties = content.vectors(anchors) @ content.vectors(np.array([product], np.int32))[0]
        if ties.max() >= _ALIKE:
            return Why("similar", int(anchors[ties.argmax()]))
    return None


_ALIKE = 0.5
"""Cosine from which two products may be called similar."""


def _spoken(anchor: int, context: Context, table: str) -> Why:
    if anchor == context.page:
        return Why("bought_with" if table == "bought" else "viewed_with", anchor)
    if anchor in context.cart:
        return Why("cart", anchor)
    bought = context.history.product[context.history.bought]
    return Why("bought" if anchor in bought and anchor not in context.session else "viewed", anchor)
