"""What schema.org's product vocabulary means in product fields (https://schema.org/Product)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_IDS = ("sku", "productID", "@id", "identifier", "url")
_GTINS = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8", "isbn")
_DONE = {
    *_IDS, *_GTINS, "@type", "@context", "name", "description", "brand", "manufacturer", "category", "offers", "image",
    "aggregateRating", "mpn", "model", "additionalProperty", "hasVariant", "isVariantOf", "inProductGroupWithID",
    "productGroupID", "variesBy", "review", "reviews", "isRelatedTo", "isSimilarTo", "potentialAction",
    "mainEntityOfPage", "releaseDate", "dateModified", "subjectOf",
}  # fmt: skip


def type_names(node: Mapping[str, Any]) -> set[str]:
    """The node's types without their namespace."""
    types = node.get("@type")
    return {str(name).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in (types if isinstance(types, list) else [types])}


def is_group(node: Mapping[str, Any]) -> bool:
    return "ProductGroup" in type_names(node) or "hasVariant" in node


def product_values(node: Mapping[str, Any]) -> dict[str, Any]:
    """A product node as product fields, everything else as attributes."""
    id_fields = ("productGroupID", *_IDS) if is_group(node) else _IDS
    values = {
        "id": _first(node, id_fields),
        "title": _text(node.get("name")),
        "description": _text(node.get("description")),
        "group_id": _group(node),
        "brand": _name(node.get("brand") or node.get("manufacturer")),
        "category": _category(node.get("category")),
        "images": _addresses(node.get("image")),
        "url": _address(node.get("url")),
        "gtin": _first(node, _GTINS),
        "mpn": _first(node, ("mpn", "model")),
        "created_at": _first(node, ("releaseDate",)),
        "updated_at": _first(node, ("dateModified",)),
        "attributes": _attributes(node),
        **_offer(node.get("offers")),
        **_rating(node.get("aggregateRating")),
    }
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _first(node: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    found = (_value(node.get(name)) for name in names)
    return next((value for value in found if value not in (None, "")), None)


def _value(value: Any) -> Any:
    """A plain value of a literal, a PropertyValue or a single-element list."""
    if isinstance(value, list):
        return _value(value[0]) if value else None
    if isinstance(value, Mapping):
        return value.get("value", value.get("@value", value.get("name")))
    return value


def _text(value: Any) -> Any:
    """Text, or texts by language from JSON-LD's language-tagged values."""
    tagged = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, Mapping)]
    by_language = {str(item.get("@language", "")): item["@value"] for item in tagged if "@value" in item}
    return by_language or _value(value)


def _name(value: Any) -> Any:
    value = value[0] if isinstance(value, list) and value else value
    return _value(value.get("name")) if isinstance(value, Mapping) else value


def _group(node: Mapping[str, Any]) -> Any:
    parent = node.get("isVariantOf")
    own = _first(node, ("inProductGroupWithID",))
    return own or (_first(parent, ("productGroupID", *_IDS)) if isinstance(parent, Mapping) else None)


def _category(value: Any) -> Any:
    if isinstance(value, list):
        names = [_name(item) for item in value]
        return names[0] if len(names) == 1 else names
    return _name(value)


def _address(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get("contentUrl") or value.get("url") or value.get("@id")
    return value


def _addresses(value: Any) -> list[Any]:
    return [_address(item) for item in (value if isinstance(value, list) else [value]) if item]


def _offer(value: Any) -> dict[str, Any]:
    """The first offer's price, currency, stock and availability; of an AggregateOffer the lowest price."""
    offer = value[0] if isinstance(value, list) and value else value
    if not isinstance(offer, Mapping):
        return {}
    detail = offer.get("priceSpecification")
    detail = detail[0] if isinstance(detail, list) and detail else detail
    detail = detail if isinstance(detail, Mapping) else {}
    return {
        "price": _first({**detail, **offer}, ("price", "lowPrice", "minPrice")),
        "currency": _first({**detail, **offer}, ("priceCurrency",)),
        "availability": _first(offer, ("availability",)),
        "stock": _first(offer, ("inventoryLevel",)),
    }


def _rating(value: Any) -> dict[str, Any]:
    """The rating on a scale to 5, whatever its `bestRating`."""
    if not isinstance(value, Mapping):
        return {}
    rating, best = value.get("ratingValue"), value.get("bestRating")
    try:
        if rating is not None and best is not None and float(best) > 0 and float(best) != 5:
            rating = round(float(rating) * 5 / float(best), 3)
    except (TypeError, ValueError):
        pass
    return {"rating": rating, "rating_count": _first(value, ("ratingCount", "reviewCount"))}


def _attributes(node: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {name: _plain(value) for name, value in node.items() if name not in _DONE and not name.startswith("@")}
    extra = node.get("additionalProperty")
    for item in extra if isinstance(extra, list) else [extra]:
        if isinstance(item, Mapping) and item.get("name"):
            attributes[str(item["name"])] = _plain(item)
    return {name: value for name, value in attributes.items() if value not in (None, "")}


def _plain(value: Any) -> Any:
    """A literal, a list of literals, or a quantity with its unit left in the text."""
    if isinstance(value, list):
        return [plain for plain in map(_plain, value) if isinstance(plain, str | int | float)]
    if isinstance(value, Mapping):
        amount, unit = _value(value), value.get("unitText") or value.get("unitCode")
        return f"{amount} {unit}" if unit and amount is not None else amount
    return value
