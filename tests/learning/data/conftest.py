from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from openaisle.catalog.product import Product
from openaisle.catalog.validation import checked_product
from openaisle.sample.generate import products

sys.path.insert(0, str(Path(__file__).parent))  # the encoder that needs no model


@cache
def _sample() -> tuple[Product, ...]:
    return tuple(checked_product(product) for product, _ in zip(products(), range(400), strict=False))


@pytest.fixture
def sample() -> tuple[Product, ...]:
    """The first products of the sample store."""
    return _sample()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a file of this name and content."""

    def file(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return file
