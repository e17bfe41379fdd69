"""The product as JSON: what the store keeps, what HTTP bodies and hits carry, and what a JSON Lines feed holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from openaisle.catalog.product import AttributeValue, Availability, Product, Text

Json = dict[str, Any]

OFFER_FIELDS = frozenset(
    {"price", "sale_price", "stock", "availability", "rating", "rating_count", "ranking", "updated_at"}
)
"""Fields whose change needs no new encoding of the product's text."""

_PLAIN = (
    "group_id",
    "brand",
    "price",
    "sale_price",
    "currency",
    "stock",
    "url",
    "gtin",
    "mpn",
    "rating",
    "rating_count",
)
_LARGEST_EXACT_INTEGER = 2**53


def to_json(product: Product) -> Json:
    """The product as a dict of JSON values. What is absent or empty is left out; dates are ISO 8601."""
    body: Json = {"id": product.id, "title": _text_to_json(product.title)}
    if product.description:
        body["description"] = _text_to_json(product.description)
    for name in _PLAIN:
        value = getattr(product, name)
        if value is not None:
            body[name] = value
    if product.category:
        body["category"] = list(product.category)
    if product.availability is not None:
        body["availability"] = product.availability.value
    if product.attributes:
        body["attributes"] = {name: _attribute_to_json(value) for name, value in product.attributes.items()}
    if product.images:
        body["images"] = list(product.images)
    if product.created_at is not None:
        body["created_at"] = product.created_at.isoformat()
    if product.updated_at is not None:
        body["updated_at"] = product.updated_at.isoformat()
    if product.ranking:
        body["ranking"] = dict(product.ranking)
    return body


def from_json(body: Mapping[str, Any]) -> Product:
    """The product that `to_json` wrote. Trusts its input; what comes from outside goes through `validation.check`."""
    availability = body.get("availability")
    return Product(
        id=body["id"],
        title=_text_from_json(body["title"]),
        description=_text_from_json(body.get("description", {})),
        group_id=body.get("group_id"),
        brand=body.get("brand"),
        category=tuple(body.get("category", ())),
        price=_number(body.get("price")),
        sale_price=_number(body.get("sale_price")),
        currency=body.get("currency"),
        stock=body.get("stock"),
        availability=Availability(availability) if availability is not None else None,
        attributes={name: _attribute_from_json(value) for name, value in body.get("attributes", {}).items()},
        images=tuple(body.get("images", ())),
        url=body.get("url"),
        gtin=body.get("gtin"),
        mpn=body.get("mpn"),
        rating=_number(body.get("rating")),
        rating_count=body.get("rating_count"),
        created_at=_moment(body.get("created_at")),
        updated_at=_moment(body.get("updated_at")),
        ranking={name: float(value) for name, value in body.get("ranking", {}).items()},
    )


def content_of(body: Mapping[str, Any]) -> Json:
    """The body without its offer fields: equal contents need no new encoding."""
    return {name: value for name, value in body.items() if name not in OFFER_FIELDS}


def _text_to_json(text: Text) -> str | dict[str, str]:
    if len(text) == 1 and "" in text:
        return text[""]
    return dict(text)


def _text_from_json(text: str | Mapping[str, str]) -> Text:
    return {"": text} if isinstance(text, str) else dict(text)


def _attribute_to_json(value: AttributeValue) -> object:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_EXACT_INTEGER:
        return int(value)
    return value


def _attribute_from_json(value: object) -> AttributeValue:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, bool | str):
        return value
    return float(value)  # type: ignore[arg-type]  # to_json writes nothing but numbers here


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
