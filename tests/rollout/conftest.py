from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "models" / "registry"))
from registered import add_version
from rolled import PRODUCTS, mug

from openaisle.models.onnx import OnnxEncoder
from openaisle.models.registry import Registry
from openaisle.settings.editing import set_value
from openaisle.shop import Shop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop that answers with the first version, and has a second of other dimensions."""
    folder = tmp_path / "shop"
    Shop.create(folder).close()
    set_value(folder, "encoder", "name", "none")
    registry = Registry(folder / "models")
    add_version(registry)
    add_version(registry, dimensions=48)
    with Shop.open(folder) as shop:
        shop.upsert(mug(number) for number in range(PRODUCTS))
        shop.promote("shop-encoder@1")
    return folder


@pytest.fixture
def shop(folder: Path) -> Iterator[Shop]:
    with Shop.open(folder) as opened:
        yield opened


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every product text that any model encodes from now on."""
    texts: list[str] = []
    encode = OnnxEncoder.encode_documents

    def noting(self: OnnxEncoder, given: Any) -> Any:
        texts.extend(given)
        return encode(self, given)

    monkeypatch.setattr(OnnxEncoder, "encode_documents", noting)
    return texts
