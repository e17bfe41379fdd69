"""`openaisle serve` as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from served import COMMAND, ask, serving

from openaisle.cli.listening import listen

RunJson = Callable[..., dict[str, Any]]


@pytest.fixture
def shop(tmp_path: Path, run_json: RunJson, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    feed = tmp_path / "feed.jsonl"
    feed.write_text('{"id": "m1", "title": "Stoneware mug"}\n')
    run_json("init", tmp_path / "shop")
    run_json("ingest", tmp_path / "shop", feed)
    return tmp_path / "shop"


@pytest.mark.parametrize("workers", [1, 2])
def test_serves_until_interrupted(shop: Path, workers: int) -> None:
    with serving(shop, "--workers", workers) as (process, address):
        assert ask(address, {"query": "mug"})["hits"][0]["id"] == "m1"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_a_port_in_use_is_one_line_and_status_1(shop: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        result = subprocess.run(
            [*COMMAND, str(shop), "--port", port], capture_output=True, text=True, check=False, timeout=60
        )
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: Port {port} on 127.0.0.1 is in use.")
    assert result.stderr.count("\n") == 1


def test_a_folder_that_is_no_shop_is_told_before_anything_listens(tmp_path: Path) -> None:
    result = subprocess.run([*COMMAND, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 2
    assert "openaisle init" in result.stderr


def test_other_machines_are_not_served_before_there_is_a_key(shop: Path, run_json: RunJson) -> None:
    call = [*COMMAND, str(shop), "--host", "0.0.0.0", "--port", "0"]
    result = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 2
    assert "openaisle keys create" in result.stderr
    run_json("keys", "create", shop, "front")
    with serving(shop, "--host", "0.0.0.0") as (_, address), pytest.raises(urllib.error.HTTPError, match="401"):
        ask(address, {"query": "mug"})
