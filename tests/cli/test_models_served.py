"""A service that runs follows a promotion and a rollback, and no shopper notices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "models" / "registry"))
from registered import add_version
from served import ask, serving

from openaisle.models.registry import Registry
from openaisle.settings.editing import set_value

RunJson = Callable[..., dict[str, Any]]


@pytest.fixture
def shop(tmp_path: Path, run_json: RunJson) -> Path:
    folder, feed = tmp_path / "shop", tmp_path / "feed.jsonl"
    feed.write_text("".join(json.dumps({"id": f"m{n}", "title": f"mug number {n}"}) + "\n" for n in range(50)))
    run_json("init", folder)
    set_value(folder, "encoder", "name", "none")
    run_json("ingest", folder, feed)
    for dimensions in (32, 48):
        add_version(Registry(folder / "models"), dimensions=dimensions)
    run_json("models", "promote", folder, "shop-encoder@1")
    return folder


def change(*arguments: object) -> None:
    command = [sys.executable, "-m", "openaisle", "models", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, env=os.environ)


def encoder(address: str) -> str:
    with urllib.request.urlopen(f"{address}/v1/ready", timeout=20) as answer:
        ready: dict[str, Any] = json.load(answer)
    assert ready["ready"]
    return str(ready["encoder"])


def put(address: str, product: dict[str, Any]) -> None:
    body = json.dumps([product]).encode()
    request = urllib.request.Request(
        f"{address}/v1/products", body, {"content-type": "application/json"}, method="POST"
    )
    urllib.request.urlopen(request, timeout=20).close()


def test_a_service_follows_without_a_failed_answer(shop: Path) -> None:
    ended = threading.Event()
    failures: list[Exception] = []
    asked: list[int] = []

    def ask_on(address: str) -> None:
        while not ended.is_set():
            try:
                asked.append(len(ask(address, {"query": f"mug number {len(asked) % 50}"})["hits"]))
            except Exception as error:
                failures.append(error)
                return

    with serving(shop, "--workers", 2) as (_, address):
        assert encoder(address).startswith("shop-encoder 1 ")
        shopper = threading.Thread(target=ask_on, args=(address,), daemon=True)
        shopper.start()
        change("promote", shop, "shop-encoder@2")
        seen = {encoder(address) for _ in range(8)}
        put(address, {"id": "late", "title": "samovar"})
        change("rollback", shop)
        back = {encoder(address) for _ in range(8)}
        hit = ask(address, {"query": "samovar"})["hits"][0]["id"]
        ended.set()
        shopper.join()
    assert failures == []
    assert len(asked) > 5
    assert min(asked) > 0
    assert all(name.startswith("shop-encoder 2 ") for name in seen)
    assert all(name.startswith("shop-encoder 1 ") for name in back)
    assert hit == "late"
