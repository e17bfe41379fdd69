"""The service as it is run: uvicorn in processes of its own, on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from openaisle.server.app import SHOP_VARIABLE
from openaisle.shop import Shop


@dataclass
class Running:
    client: httpx.Client
    process: subprocess.Popen[bytes]
    log: Path

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Running]:
    """Started on a socket that is bound already, as `openaisle serve` does."""
    log = folder.parent / "log"
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as output:
        address = "http://127.0.0.1:{1}".format(*listener.getsockname())
        command = ["uvicorn", "openaisle.server.app:from_environment", "--factory", "--fd", str(listener.fileno())]
        process = subprocess.Popen(
            [sys.executable, "-m", *command, *options],
            env={**os.environ, SHOP_VARIABLE: str(folder)},
            pass_fds=[listener.fileno()],
            stderr=output,
            stdout=output,
        )
    try:
        with httpx.Client(base_url=address, timeout=10) as client:
            _wait(client, process, log)
            yield Running(client, process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise AssertionError(log.read_text())
        try:
            if client.get("/v1/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def test_served_written_searched_and_stopped(folder: Path) -> None:
    with running(folder) as service:
        written = service.client.post("/v1/products", json=[{"id": "A", "title": "Samovar"}])
        assert written.json()["accepted"] == 1
        assert service.client.get("/v1/search?q=samovar").json()["total"] == 1
        assert service.client.get("/v1/nothing").headers["content-type"] == "application/problem+json"
        assert service.client.get("/v1/search", headers={"Host": "evil.example"}).status_code == 401
        assert service.stop() in {0, -signal.SIGTERM}
        lines = service.lines()
    assert {"serving", "request", "stopped"} <= {str(line["message"]) for line in lines}
    assert "samovar" not in service.log.read_text()
    assert "Traceback" not in service.log.read_text()


def test_two_processes_see_one_shop_and_count_together(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "counts").mkdir()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "counts"))
    with Shop.open(folder) as shop:
        token = shop.keys.create("test", ["admin"]).token
    with running(folder, "--workers", "2") as service:
        headers = {"Authorization": f"Bearer {token}"}
        for number in range(5):
            body = [{"id": f"P-{number}", "title": "Samovar"}]
            with httpx.Client(base_url=service.client.base_url, headers=headers, timeout=20) as fresh:
                assert fresh.post("/v1/products", json=body).json()["accepted"] == 1
                assert fresh.get("/v1/search?q=samovar").json()["total"] == number + 1
        counted = service.client.get("/metrics", headers=headers).text
        assert 'openaisle_http_requests_total{method="POST",route="/v1/products",status="200"} 5.0' in counted
        assert "openaisle_products 5.0" in counted
        assert service.client.get("/v1/search").status_code == 401


def test_a_connection_that_is_cut_harms_nobody(folder: Path) -> None:
    with running(folder) as service:
        for _ in range(5):
            with socket.create_connection((service.client.base_url.host, service.client.base_url.port or 0)) as cut:
                cut.sendall(b"POST /v1/products HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n[{")
        with socket.create_connection((service.client.base_url.host, service.client.base_url.port or 0)) as odd:
            odd.sendall(b"\x16\x03\x01 not http\r\n\r\n")
        assert service.client.get("/v1/search").status_code == 200
        assert "Traceback" not in service.log.read_text()


def test_without_a_shop_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="is not a shop"), running(tmp_path / "nowhere"):
        pass
