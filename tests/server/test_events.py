from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from openaisle.shop import Shop

NOON = 1_750_000_000_000
CLICK: dict[str, Any] = {"id": "e1", "kind": "click", "time": NOON, "product_id": "MUG-1", "shopper": "anna"}
NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}
Serve = Callable[..., TestClient]


def taken(client: TestClient, body: Any) -> dict[str, Any]:
    answer = client.post("/v1/events", json=body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert isinstance(told, dict)
    return told


def test_one_event_is_stored_when_it_is_answered(client: TestClient, shop: Shop) -> None:
    assert taken(client, CLICK) == {
        "accepted": 1,
        "repeated": 0,
        "unknown": 0,
        "withheld": 0,
        "rejected": 0,
        "rejects": [],
    }
    (event,) = shop.events.read()
    assert (event.id, event.time, event.shopper) == ("e1", NOON, shop.events.pseudonym("anna"))
    assert taken(client, CLICK)["repeated"] == 1


def test_bad_events_never_stop_good_ones(client: TestClient, shop: Shop) -> None:
    done = taken(client, [CLICK, {**CLICK, "id": "e2", "quantity": -1}, 7, {**CLICK, "id": "e3", "kind": "x"}])
    assert (done["accepted"], done["rejected"]) == (1, 3)
    assert [(reject["row"], reject["id"], reject["field"]) for reject in done["rejects"]] == [
        (1, "e2", "quantity"),
        (2, None, ""),
        (3, "e3", "kind"),
    ]


def test_one_event_that_is_bad_is_the_requests_fault(client: TestClient) -> None:
    answer = client.post("/v1/events", json={**CLICK, "quantity": -1})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:openaisle:problem:InvalidEvent")
    assert "negative" in answer.json()["detail"]


def test_one_event_a_line(client: TestClient) -> None:
    lines = "\n".join(json.dumps({**CLICK, "id": f"e{number}"}) for number in range(200)) + "\n\nno json"
    done = client.post("/v1/events", content=lines, headers=NDJSON).json()
    assert (done["accepted"], done["rejected"]) == (200, 1)


def test_without_a_time_it_is_now(client: TestClient, shop: Shop) -> None:
    taken(client, {**CLICK, "time": None})
    (event,) = shop.events.read()
    assert abs(event.time - time.time() * 1000) < 60_000


def test_unknown_products_are_counted_and_taken_in_later(client: TestClient, shop: Shop) -> None:
    assert taken(client, {**CLICK, "product_id": "TEA"})["unknown"] == 1
    assert list(shop.events.read()) == []
    client.post("/v1/products", json=[{"id": "TEA", "title": "Tea"}])
    assert [event.product_id for event in shop.events.read()] == ["TEA"]


def test_robots_are_marked(client: TestClient, shop: Shop) -> None:
    taken(client, {**CLICK, "user_agent": "Googlebot/2.1"})
    assert shop.events.summary().marks == {"agent": 1}


def test_many_at_once_are_all_answered(client: TestClient, shop: Shop) -> None:
    with ThreadPoolExecutor(8) as threads:
        done = list(
            threads.map(lambda number: taken(client, {**CLICK, "id": f"e{number % 100}", "shopper": ""}), range(200))
        )
    assert sum(each["accepted"] for each in done) == 100
    assert sum(each["repeated"] for each in done) == 100
    assert len(list(shop.events.read())) == 100


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", JSON, 400),
        (b"7", JSON, 400),
        (b'{"id": "\\ud800"}', JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"id=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"[" + b" " * 11_000_000 + b"]", JSON, 413),
    ],
)
def test_bodies_that_cannot_be_taken(client: TestClient, content: bytes, headers: dict[str, str], status: int) -> None:
    answer = client.post("/v1/events", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_nobody_learns_what_was_sent_from_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        taken(client, {**CLICK, "kind": "query", "query": "very secret wish", "shopper": "anna-secret"})
    assert "secret" not in caplog.text


def test_no_events_are_fine(client: TestClient) -> None:
    assert taken(client, [])["accepted"] == 0
