"""What is asked: for whom, where, and how many."""

from __future__ import annotations

from dataclasses import dataclass

from openaisle.errors import BadRequest
from openaisle.recommend.placements import Place

MOST = 100
_LONGEST_CART = 100


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """`shopper` as the shop knows them, "" for nobody known; `product` the one whose page is open; `session` products
    that were opened in this visit, oldest first, beyond those in the log. Without a placement: similar products with a
    `product`, the cart's with a `cart`, else home.

    Raises `BadRequest`.
    """

    shopper: str = ""
    product: str = ""
    cart: tuple[str, ...] = ()
    session: tuple[str, ...] = ()
    placement: Place | None = None
    limit: int = 10

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST:
            raise BadRequest(f"{self.limit} recommendations cannot be asked for.", f"Ask for 1 to {MOST}.")
        if len(self.cart) > _LONGEST_CART or len(self.session) > _LONGEST_CART:
            raise BadRequest("The cart or the session is too long.", f"Send the last {_LONGEST_CART} products.")
        if self.place in (Place.SIMILAR, Place.COMPLEMENTARY) and not self.product:
            raise BadRequest(f"{self.place} products need a product.", "Name the product of the page.")

    @property
    def place(self) -> Place:
        if self.placement is not None:
            return self.placement
        if self.product:
            return Place.SIMILAR
        return Place.CART if self.cart else Place.HOME
