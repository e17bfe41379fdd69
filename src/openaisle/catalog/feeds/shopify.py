"""Shopify's product CSV: consecutive rows with one handle are one product, its variants and its pictures."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from openaisle.catalog.feeds.delimited import read_delimited
from openaisle.catalog.feeds.rows import BadRow, Row, Rows
from openaisle.catalog.feeds.stream import FeedStream

_VARIANTS = 5_000
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL)
_SPACES = re.compile(r"\s+")
_OPTIONS = (1, 2, 3)
_DONE = {
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Published", "Status", "Image Src",
    "Image Position", "Image Alt Text", "Gift Card", "SEO Title", "SEO Description", "Tags", "Variant SKU",
    "Variant Price", "Variant Compare At Price", "Variant Inventory Qty", "Variant Inventory Tracker",
    "Variant Inventory Policy", "Variant Barcode", "Variant Image", "Variant Grams", "Variant Weight Unit",
    "Variant Fulfillment Service", "Variant Requires Shipping", "Variant Taxable", "Variant Tax Code",
    "Cost per item", "Google Shopping / MPN",
    *(f"Option{n} {part}" for n in _OPTIONS for part in ("Name", "Value", "Linked To")),
}  # fmt: skip
_METAFIELD = re.compile(r"\s*\(product\.metafields\.[^)]*\)$")


def read_shopify(stream: FeedStream) -> Rows:
    """One row a variant, in product fields. The currency is the shop's and not in the file."""
    for group in _groups(read_delimited(stream)):
        if isinstance(group, BadRow):
            yield group
        else:
            yield from _products(group)


def _groups(rows: Rows) -> Iterator[list[Row] | BadRow]:
    group: list[Row] = []
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        if group and (row.values.get("Handle") != group[0].values.get("Handle") or len(group) >= _VARIANTS):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _products(group: list[Row]) -> Rows:
    first = group[0].values
    images = [row.values["Image Src"] for row in group if row.values.get("Image Src")]
    variants = [row for row in group if _is_variant(row.values)] or group[:1]
    shared = _shared(first, images)
    for row in variants:
        own = _variant(row.values, first)
        if len(variants) > 1:
            own["group_id"] = first.get("Handle")
        if row.values.get("Variant Image"):
            own["images"] = list(dict.fromkeys([row.values["Variant Image"], *images]))
        own["attributes"] = {**shared["attributes"], **own["attributes"]}
        yield Row(row.number, {**shared, **own})


def _is_variant(values: Mapping[str, Any]) -> bool:
    return any(values.get(name) for name in ("Option1 Value", "Variant SKU", "Variant Price"))


def _shared(first: Mapping[str, Any], images: list[Any]) -> dict[str, Any]:
    attributes = {_METAFIELD.sub("", name): text for name, text in first.items() if name not in _DONE and text}
    if first.get("Tags"):
        attributes["tags"] = [tag.strip() for tag in first["Tags"].split(",") if tag.strip()]
    if first.get("Type"):
        attributes["type"] = first["Type"]
    return {
        "title": first.get("Title"),
        "description": _plain_text(first.get("Body (HTML)") or ""),
        "brand": first.get("Vendor"),
        "category": first.get("Product Category") or first.get("Type"),
        "images": images,
        "mpn": first.get("Google Shopping / MPN"),
        "attributes": attributes,
    }


def _variant(values: Mapping[str, Any], first: Mapping[str, Any]) -> dict[str, Any]:
    options = _options(values, first)
    handle = values.get("Handle") or ""
    sold_out_later = values.get("Variant Inventory Policy") == "continue"
    stock = _stock(values)
    return {
        "id": values.get("Variant SKU") or ":".join([handle, "/".join(options.values())] if options else [handle]),
        "stock": stock,
        "availability": _availability(first, stock, sold_out_later),
        "gtin": (values.get("Variant Barcode") or "").lstrip("'"),
        "attributes": options,
        **_prices(values),
    }


def _options(values: Mapping[str, Any], first: Mapping[str, Any]) -> dict[str, str]:
    """Option values by the names that only a product's first row states; a lone "Default Title" is no option."""
    named = ((first.get(f"Option{n} Name"), values.get(f"Option{n} Value")) for n in _OPTIONS)
    return {name: value for name, value in named if name and value and value != "Default Title"}


def _stock(values: Mapping[str, Any]) -> Any:
    """The quantity, if it is tracked; oversold stock counts as none."""
    stock = values.get("Variant Inventory Qty")
    return "0" if stock and str(stock).startswith("-") else stock


def _availability(first: Mapping[str, Any], stock: Any, goes_on: bool) -> str | None:
    if (first.get("Status") or "active").lower() != "active" or (first.get("Published") or "true").lower() == "false":
        return "discontinued"
    return "backorder" if goes_on and stock == "0" else None


def _prices(values: Mapping[str, Any]) -> dict[str, Any]:
    """Shopify's "compare at" price is the usual one when it is the higher."""
    price, usual = values.get("Variant Price"), values.get("Variant Compare At Price")
    try:
        is_sale = usual is not None and price is not None and float(usual) > float(price)
    except ValueError:
        is_sale = False
    return {"price": usual, "sale_price": price} if is_sale else {"price": price}


def _plain_text(markup: str) -> str:
    return _SPACES.sub(" ", html.unescape(_TAGS.sub(" ", markup))).strip()
