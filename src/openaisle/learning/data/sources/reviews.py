"""Reviews of products: what a shopper says of a product finds its title."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from openaisle.learning.data.grouped import Grouped
from openaisle.learning.data.rows import read_rows
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.examples import Triplet

_FEWEST_CHARACTERS = 12
"""A shorter one ("great", "很好") is said of anything."""
_LONGEST = 1000


def from_reviews(path: Path, shelf: Shelf, columns: Mapping[str, str] | None = None) -> Iterator[Grouped]:
    """One example a row of `product_id` and `text` (a review); grouped by product. Raises `DataError`."""
    rows = list(read_rows(path, ("product_id", "text"), (), columns))
    found = shelf.found(row.text("product_id") for row in rows)
    for row in rows:
        product = found.get(row.text("product_id"))
        review = row.text("text")[:_LONGEST]
        if product is not None and len(review) >= _FEWEST_CHARACTERS:
            yield Grouped(f"group {product.group}", Triplet(review, shelf.text(product)))
