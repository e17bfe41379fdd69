from __future__ import annotations

import csv
import gzip
import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from openaisle import __version__
from openaisle.errors import IndexMismatch
from openaisle.server.worker import Worker
from openaisle.shop import Shop
from openaisle.storage.tasks import TaskStatus

Serve = Callable[..., TestClient]


def ended(client: TestClient, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    for _ in range(500):
        task: dict[str, Any] = client.get(answer.headers["location"]).json()
        if task["status"] in {"succeeded", "failed"}:
            return task
        time.sleep(0.02)
    raise AssertionError(task)


def feed(rows: int) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "title", "price"])
    writer.writerows([[f"F-{row}", f"Kettle number {row}", row + 1] for row in range(rows)])
    return text.getvalue().encode()


def metrics(client: TestClient) -> dict[tuple[str, tuple[str, ...]], float]:
    text = client.get("/metrics").text
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_alive(client: TestClient) -> None:
    assert client.get("/v1/health").json() == {"status": "ok", "version": __version__}


def test_ready(client: TestClient) -> None:
    body = client.get("/v1/ready").json()
    assert body["ready"] is True
    assert body["generation"]
    assert body["encoder"] is None


def test_not_ready_while_the_index_does_not_fit(
    client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mismatch(request: object) -> None:
        raise IndexMismatch("Another encoder.", "Run openaisle reindex.")

    monkeypatch.setattr(shop, "search", mismatch)
    answer = client.get("/v1/ready")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["reason"] == IndexMismatch.title


def test_metrics_count_requests_steps_and_the_shop(client: TestClient) -> None:
    client.post("/v1/search", json={"query": "mug"})
    client.post("/v1/search", json={"query": "zzzzzz"})
    client.post("/v1/search", json={"offset": -1})
    client.get("/a/random/path")
    told = metrics(client)
    assert told["openaisle_http_requests_total", ("POST", "/v1/search", "200")] == 2
    assert told["openaisle_http_requests_total", ("POST", "/v1/search", "422")] == 1
    assert told["openaisle_http_requests_total", ("GET", "unmatched", "404")] == 1
    assert told["openaisle_http_request_seconds_count", ("POST", "/v1/search")] == 3
    assert told["openaisle_products", ()] == 3
    assert told["openaisle_up", ()] == 1
    assert told["openaisle_index_pending_changes", ()] == 0
    assert told["openaisle_searches_without_hits_total", ()] == 1
    assert {name for name, _ in told} >= {"openaisle_search_step_seconds_count", "openaisle_index_info"}


def test_metrics_tell_of_the_query_cache(
    folder: Path, serve: Serve, tiny_encoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", tiny_encoder)
    client = serve()
    client.post("/v1/products", json=[{"id": "A", "title": "Samovar"}])
    for query in ("samovar", "samovar", "tea"):
        assert client.post("/v1/search", json={"query": query}).status_code == 200
    told = metrics(client)
    assert told["openaisle_query_cache_hits_total", ()] == 1
    assert told["openaisle_query_cache_misses_total", ()] == 2
    assert client.get("/v1/ready").json()["encoder"]


def test_reindex_is_a_task(client: TestClient) -> None:
    before = client.get("/v1/ready").json()["generation"]
    task = ended(client, client.post("/v1/tasks/reindex"))
    assert task["status"] == "succeeded", task
    assert task["detail"]["result"]["products"] == 3
    assert client.get("/v1/ready").json()["generation"] != before
    assert client.get("/v1/tasks").json()["tasks"][0]["id"] == task["id"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_feed_is_ingested(client: TestClient, packed: bool) -> None:
    content = gzip.compress(feed(50)) if packed else feed(50)
    task = ended(client, client.post("/v1/tasks/ingest", content=content))
    assert task["status"] == "succeeded", task
    assert task["detail"]["result"]["accepted"] == 50
    assert task["detail"]["request"]["bytes"] == len(content)
    assert client.post("/v1/search", json={"query": "kettle"}).json()["total"] == 50


def test_a_complete_feed_is_held_back_when_it_lost_most(client: TestClient) -> None:
    client.post("/v1/products", json=[{"id": f"P-{n}", "title": "Pan"} for n in range(100)])
    task = ended(client, client.post("/v1/tasks/ingest?sync=true", content=feed(2)))
    assert (task["status"], task["detail"]["error"]["type"]) == ("failed", "FeedShrunk")


def test_a_feed_that_is_none_fails_as_a_task(client: TestClient) -> None:
    task = ended(client, client.post("/v1/tasks/ingest?format=parquet", content=b"nonsense"))
    assert task["status"] == "failed"
    assert task["detail"]["error"]["mend"]


def test_an_empty_feed_is_refused(client: TestClient) -> None:
    assert client.post("/v1/tasks/ingest").status_code == 400


def test_uploads_are_deleted(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uploads").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "uploads"))
    ended(client, client.post("/v1/tasks/ingest", content=feed(3)))
    ended(client, client.post("/v1/tasks/ingest?format=nonsense", content=feed(3)))
    client.post("/v1/tasks/ingest")
    assert list((tmp_path / "uploads").iterdir()) == []


def test_tasks_are_listed_by_status(client: TestClient) -> None:
    ended(client, client.post("/v1/tasks/ingest", content=feed(3)))
    assert len(client.get("/v1/tasks?status=succeeded").json()["tasks"]) == 1
    assert client.get("/v1/tasks?status=failed").json()["tasks"] == []
    assert client.get("/v1/tasks?limit=0").status_code == 422
    assert client.get("/v1/tasks/unknown").json()["type"] == "urn:openaisle:problem:TaskNotFound"


def test_a_stop_ends_running_and_waiting_tasks(folder: Path) -> None:
    with Shop.open(folder) as shop:
        worker = Worker(shop.tasks)

        def endless(tell: Callable[[str, int, int | None], None]) -> dict[str, Any]:
            while True:
                tell("working", 1, None)
                time.sleep(0.005)

        tasks = [worker.submit("reindex", {}, endless) for _ in range(2)]
        worker.stop()
        after = [shop.tasks.get(task.id) for task in tasks]
        assert [task.status for task in after if task] == [TaskStatus.FAILED, TaskStatus.FAILED]
        assert [task.detail["error"]["type"] for task in after if task] == ["Interrupted", "Interrupted"]


def test_tasks_of_a_killed_process_are_failed_and_others_let_be(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    here = socket.gethostname()
    with Shop.open(folder) as shop:
        owners = [{"host": here, "pid": gone.pid}, {"host": here, "pid": os.getpid()}, {"host": "elsewhere", "pid": 1}]
        tasks = [shop.tasks.create("ingest", {"process": owner}) for owner in (*owners, owners[0])]
        shop.tasks.start(tasks[0].id)
        Worker(shop.tasks).fail_orphans()
        after = [shop.tasks.get(task.id) for task in tasks]
    assert [task.status.value for task in after if task] == ["failed", "queued", "queued", "failed"]


def test_a_fault_in_a_task_is_told_without_its_inside(folder: Path) -> None:
    with Shop.open(folder) as shop:
        worker = Worker(shop.tasks)

        begun = Event()

        def broken(tell: object) -> dict[str, Any]:
            begun.set()
            raise RuntimeError("secret inside")

        task = worker.submit("reindex", {}, broken)
        assert begun.wait(10)
        worker.stop()
        after = shop.tasks.get(task.id)
        assert after is not None
        assert (after.status, after.detail["error"]["type"]) == (TaskStatus.FAILED, "InternalError")
        assert "secret" not in str(after.detail)
