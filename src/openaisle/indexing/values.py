"""What of a product can be filtered, counted and sorted by."""

from __future__ import annotations

from openaisle.catalog.product import Product, texts
from openaisle.engines.protocol import Value
from openaisle.language.script import language_of

CORE_FIELDS = (
    "language",
    "group_id",
    "brand",
    "category",
    "price",
    "sale_price",
    "selling_price",
    "currency",
    "stock",
    "availability",
    "in_stock",
    "rating",
    "rating_count",
    "created_at",
    "updated_at",
)
"""Fields every product may have. Attributes stand beside them under their own names."""
RANKING = "ranking."
"""Begins the fields of the shop's own ranking signals."""


def values(product: Product) -> dict[str, Value]:
    """Filterable values by field.

    `selling_price` is what a shopper pays now, `in_stock` whether it ships now, dates are Unix seconds. An attribute
    that is named like one of these fields is reached as `attributes.NAME`, a ranking signal as `ranking.NAME`.
    """
    core: dict[str, Value | None] = {
        "language": _languages(product),
        "group_id": product.group_id,
        "brand": product.brand,
        "category": tuple(dict.fromkeys(product.category)) or None,
        "price": product.price,
        "sale_price": product.sale_price,
        "selling_price": product.selling_price,
        "currency": product.currency,
        "stock": None if product.stock is None else float(product.stock),
        "availability": None if product.availability is None else product.availability.value,
        "in_stock": product.in_stock,
        "rating": product.rating,
        "rating_count": None if product.rating_count is None else float(product.rating_count),
        "created_at": None if product.created_at is None else product.created_at.timestamp(),
        "updated_at": None if product.updated_at is None else product.updated_at.timestamp(),
    }
    attributes = {attribute_field(name): value for name, value in product.attributes.items()}
    ranking = {f"{RANKING}{name}": signal for name, signal in product.ranking.items()}
    return {**attributes, **ranking, **{field: value for field, value in core.items() if value is not None}}


def _languages(product: Product) -> tuple[str, ...] | None:
    """Languages the title is written in: one of its texts may well hold both."""
    return tuple(dict.fromkeys(map(language_of, texts(product.title)))) or None


def attribute_field(name: str) -> str:
    """The field an attribute is filtered by."""
    return f"attributes.{name}" if name in CORE_FIELDS else name
