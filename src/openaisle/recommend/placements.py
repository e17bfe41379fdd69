"""Where recommendations stand, and for each place which methods propose and which rules arrange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Place(StrEnum):
    HOME = "home"
    SIMILAR = "similar"
    COMPLEMENTARY = "complementary"
    CART = "cart"
    EMPTY = "empty"
    EMAIL = "email"


class Category(StrEnum):
    """Which category may stand beside the product of the page."""

    ANY = "any"
    SAME = "same"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Placement:
    """`proposing` methods name candidates, all methods have a say in their order. `opened` tells whether products of
    this session may come again. `band` bounds the price to between 1/band and band times what the shopper looks at.
    `diversity` is from 0 (none) to 1. One place in `newcomers` (0: none) is for a product that nobody has seen yet."""

    proposing: tuple[str, ...]
    category: Category = Category.ANY
    opened: bool = False
    band: float = 4.0
    diversity: float = 0.3
    newcomers: int = 0


_INTEREST = ("followed", "session_knn", "item_knn", "viewed", "als", "sequential", "content")
_CROWD = ("trending", "popular")

PLACEMENTS: Mapping[Place, Placement] = MappingProxyType(
    {
        Place.HOME: Placement((*_INTEREST, "again", *_CROWD), opened=True, newcomers=10),
        Place.SIMILAR: Placement(
            ("content", "item_knn", "viewed", "followed", "session_knn"),
            category=Category.SAME,
            band=2.5,
            diversity=0.1,
            newcomers=5,
        ),
        Place.COMPLEMENTARY: Placement(
            ("bought", "viewed", "session_knn", "als"), category=Category.OTHER, band=10.0, diversity=0.5
        ),
        Place.CART: Placement(("bought", "als", "viewed", "again"), band=10.0, diversity=0.5),
        Place.EMPTY: Placement((*_INTEREST, "again", *_CROWD), opened=True, diversity=0.4),
        Place.EMAIL: Placement(
            ("als", "sequential", "again", "content", "bought", *_CROWD), diversity=0.5, newcomers=8
        ),
    }
)
"""On a page without a shopper only what the page tells is at hand; where nothing proposes, the crowd fills up."""

FILLING = _CROWD
"""What proposes where a placement's own methods leave places empty."""
