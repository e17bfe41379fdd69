from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from openaisle.server.app import create_app
from openaisle.settings.editing import set_value
from openaisle.shop import Shop

PRODUCTS: list[dict[str, Any]] = [
    {"id": "MUG-1", "title": {"en": "Blue stoneware mug", "zh": "蓝色陶瓷马克杯"}, "brand": "Lehmhof", "price": 12.5},
    {"id": "MUG-2", "title": {"en": "Red enamel mug", "zh": "红色搪瓷杯"}, "brand": "Emaille", "price": 8, "stock": 3},
    {"id": "CHAIR/1", "title": {"en": "Garden chair", "zh": "花园椅"}, "brand": "Lehmhof", "price": 89},
]

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))

Serve = Callable[..., TestClient]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty shop that searches by words alone."""
    Shop.create(tmp_path / "shop").close()
    set_value(tmp_path / "shop", "encoder", "name", "none")
    return tmp_path / "shop"


@pytest.fixture
def serve(folder: Path) -> Iterator[Serve]:
    """Serves the shop, with settings such as `keys="always"` for [server]; requests come from this machine."""
    with ExitStack() as stack:

        def start(*, host: str = "127.0.0.1", peer: str = "127.0.0.1", **settings: Any) -> TestClient:
            for name, value in settings.items():
                set_value(folder, "server", name, value)
            shop = stack.enter_context(Shop.open(folder))
            client = TestClient(create_app(shop), base_url=f"http://{host}:8000", client=(peer, 50_000))
            return stack.enter_context(client)

        yield start


@pytest.fixture
def client(serve: Serve) -> TestClient:
    """The shop with a few products, served without keys."""
    client = serve()
    assert client.post("/v1/products", json=PRODUCTS).json()["accepted"] == 3
    return client


@pytest.fixture
def shop(client: TestClient) -> Shop:
    shop = client.app.state.service.shop  # type: ignore[attr-defined]
    assert isinstance(shop, Shop)
    return shop


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Names a small encoder for the settings."""
    from tiny_model import write_tiny_model

    return f"onnx:{write_tiny_model(tmp_path_factory.mktemp('tiny'))}"
