from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from openaisle.catalog.validation import checked_product
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


@pytest.fixture(scope="module", autouse=True)
def _by_words_alone() -> Iterator[None]:
    """No model is loaded, here and in processes that a test starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAISLE_ENCODER_NAME", "none")
        yield


@pytest.fixture(scope="module")
def empty_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied, which is quicker than making one a test."""
    folder = tmp_path_factory.mktemp("empty") / "shop"
    Shop.create(folder).close()
    return folder


@pytest.fixture(scope="module")
def stocked_shop(tmp_path_factory: pytest.TempPathFactory, empty_shop: Path) -> Path:
    folder = tmp_path_factory.mktemp("stocked") / "shop"
    shutil.copytree(empty_shop, folder)
    with Shop.open(folder) as shop:
        shop.upsert(map(checked_product, PRODUCTS))
    return folder


@pytest.fixture
def folder(tmp_path: Path, empty_shop: Path) -> Path:
    """An empty shop."""
    return Path(shutil.copytree(empty_shop, tmp_path / "shop"))


@pytest.fixture
def serve(folder: Path) -> Iterator[Serve]:
    """Serves the shop, with settings such as `keys="always"` for [server]; requests come from this machine."""
    with ExitStack() as stack:

        def start(*, host: str = "127.0.0.1", peer: str = "127.0.0.1", **settings: Any) -> TestClient:
            for name, value in settings.items():
                set_value(folder, "server", name, value)
            return stack.enter_context(_client(folder, host, peer))

        yield start


@pytest.fixture(scope="module")
def shared_client(stocked_shop: Path) -> Iterator[TestClient]:
    """The shop with a few products, which no test may change."""
    with _client(stocked_shop, "127.0.0.1", "127.0.0.1") as client:
        yield client


@contextmanager
def _client(folder: Path, host: str, peer: str) -> Iterator[TestClient]:
    app = create_app(Shop.open(folder))
    with TestClient(app, base_url=f"http://{host}:8000", client=(peer, 50_000)) as client:
        yield client
    app.state.service.shop.close()


@pytest.fixture
def client(tmp_path: Path, stocked_shop: Path) -> Iterator[TestClient]:
    """A shop with a few products, served without keys."""
    folder = Path(shutil.copytree(stocked_shop, tmp_path / "stocked"))
    with _client(folder, "127.0.0.1", "127.0.0.1") as client:
        yield client


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
