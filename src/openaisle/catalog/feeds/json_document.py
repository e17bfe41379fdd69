"""One JSON document of products: an array, or an object that has it under `products` or `items`."""

from __future__ import annotations

from openaisle.catalog.feeds.json_items import json_items
from openaisle.catalog.feeds.rows import EXCERPT, BadRow, Row, Rows
from openaisle.catalog.feeds.stream import FeedStream
from openaisle.catalog.feeds.variants import expanded


def read_json(stream: FeedStream) -> Rows:
    """Rows from the items of the document."""
    for item in json_items(stream, {"products", "items"}):
        if isinstance(item, BadRow):
            yield item
            continue
        number, values = item
        if isinstance(values, dict):
            for variant in expanded(values):
                yield Row(number, variant)
        else:
            yield BadRow(number, "the item is not a JSON object", "Give one object a product.", str(values)[:EXCERPT])
