"""Google Merchant's product data attributes, whatever file they come in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from openaisle.catalog.feeds.rows import BadRow, Row, Rows

_LINK_BREAK = re.compile(r",(?=\s*https?://)")


def normalized(rows: Rows) -> Rows:
    """Rows with their images in one list and their product details as attributes."""
    for row in rows:
        yield row if isinstance(row, BadRow) else Row(row.number, _normalized(row.values))


def _normalized(raw: Mapping[str, Any]) -> dict[str, Any]:
    values = {name.removeprefix("g:").strip().replace(" ", "_"): value for name, value in raw.items()}
    images = [values.pop("image_link", None), *_links(values.pop("additional_image_link", None))]
    if any(images):
        values["images"] = [image for image in images if image]
    details = _details(values.pop("product_detail", None))
    if details:
        values["attributes"] = details
    return values


def _links(value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    return [link.strip() for text in texts if isinstance(text, str) for link in _LINK_BREAK.split(text)]


def _details(value: Any) -> dict[str, Any]:
    """`section_name`, `attribute_name`, `attribute_value` as XML children or as `section:name:value` text."""
    details: dict[str, Any] = {}
    for detail in value if isinstance(value, list) else [value]:
        if isinstance(detail, Mapping):
            name, text = detail.get("attribute_name"), detail.get("attribute_value")
        elif isinstance(detail, str) and detail.count(":") >= 2:
            _, name, text = detail.split(":", 2)
        else:
            continue
        if name and text:
            details[str(name).strip()] = text
    return details
