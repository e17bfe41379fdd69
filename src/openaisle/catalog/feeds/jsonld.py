"""schema.org Product and ProductGroup in JSON-LD: one object, a list, an `@graph`, an ItemList, or JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openaisle.catalog.feeds.json_items import json_items
from openaisle.catalog.feeds.rows import EXCERPT, BadRow, Row, Rows
from openaisle.catalog.feeds.schema_org import is_group, product_values, type_names
from openaisle.catalog.feeds.stream import FeedStream
from openaisle.catalog.feeds.variants import expanded

_CONTAINERS = {"@graph", "itemListElement"}
_PRODUCTS = {"Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts", "Vehicle"}
_MEND = 'Give objects with "@type": "Product".'


def read_jsonld(stream: FeedStream) -> Rows:
    """Rows in product fields. Nodes of other types (organisations, breadcrumbs) are passed over."""
    for item in json_items(stream, _CONTAINERS):
        if isinstance(item, BadRow):
            yield item
            continue
        number, node = item
        if not isinstance(node, Mapping):
            yield BadRow(number, "the item is not a JSON object", _MEND, str(node)[:EXCERPT])
            continue
        for product in _products(node):
            for values in expanded(_with_variants(product)):
                yield Row(number, values)


def _products(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The product nodes in a node: itself, or what a list element or page is about."""
    if type_names(node) & _PRODUCTS:
        yield node
        return
    for name in ("item", "mainEntity", "@graph", "itemListElement"):
        inner = node.get(name)
        for child in inner if isinstance(inner, list) else [inner]:
            if isinstance(child, Mapping):
                yield from _products(child)


def _with_variants(node: Mapping[str, Any]) -> Mapping[str, Any]:
    values = product_values(node)
    variants = node.get("hasVariant") if is_group(node) else None
    nodes = variants if isinstance(variants, list) else [variants]
    own = [product_values(variant) for variant in nodes if isinstance(variant, Mapping)]
    return {**values, "variants": own} if own else values
