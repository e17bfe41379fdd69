"""The product: one sellable thing. Variants are products of their own that share a group id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Text = Mapping[str, str]
"""A text per language: `{"en": "Mug", "zh": "马克杯"}`; the key `""` holds text whose language was not stated."""

AttributeValue = str | float | bool | tuple[str, ...]


class Availability(StrEnum):
    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    PREORDER = "preorder"
    BACKORDER = "backorder"
    DISCONTINUED = "discontinued"


@dataclass(frozen=True, slots=True)
class Product:
    """One sellable row of the catalogue.

    `price` and `sale_price` are in major units of `currency` (ISO 4217); `category` is a path from the root;
    `rating` runs from 0 to 5; `ranking` holds the shop's own numeric signals (margin, popularity …).
    """

    id: str
    title: Text
    description: Text = field(default_factory=dict)
    group_id: str | None = None
    brand: str | None = None
    category: tuple[str, ...] = ()
    price: float | None = None
    sale_price: float | None = None
    currency: str | None = None
    stock: int | None = None
    availability: Availability | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    url: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    rating: float | None = None
    rating_count: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    ranking: Mapping[str, float] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """The id that variants share; a product without variants is its own group."""
        return self.group_id or self.id

    @property
    def selling_price(self) -> float | None:
        """What a shopper pays now."""
        return self.sale_price if self.sale_price is not None else self.price

    @property
    def in_stock(self) -> bool:
        """Whether it can be ordered and shipped now; a product that states neither stock nor availability can."""
        if self.availability is not None and self.availability is not Availability.IN_STOCK:
            return False
        return self.stock is None or self.stock > 0


def texts(text: Text) -> Iterable[str]:
    """The text in each of its languages, each once."""
    return dict.fromkeys(text.values())
