"""What tests of promotion say of a shop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openaisle.catalog.product import Product
from openaisle.search.request import SearchRequest
from openaisle.shop import Shop

KillAt = Callable[[str, str], None]
PRODUCTS = 30
FIRST, SECOND = "model:shop-encoder@1", "model:shop-encoder@2"


def mug(number: int, title: str = "mug") -> Product:
    return Product(id=f"m{number}", title={"en": f"{title} number {number}"}, price=float(number))


def dimensions(shop: Shop) -> int:
    """Of the model that answers, which the index must fit."""
    answer = shop.search(SearchRequest("number 7", limit=5))
    assert "m7" in [hit.id for hit in answer.hits]
    assert shop.differences() == []
    assert shop.encoder is not None
    return shop.encoder.identity.dimensions


def generations(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "index").iterdir() if path.is_dir())
