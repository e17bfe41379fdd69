from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from openaisle.errors import TooManyRequests
from openaisle.server.rates import Rates

Serve = Callable[..., TestClient]
JSON = {"Content-Type": "application/json"}


def endless(pieces: int) -> Iterator[bytes]:
    for _ in range(pieces):
        yield b" " * 1000


def test_a_body_that_says_it_is_too_long(serve: Serve) -> None:
    answer = serve(body_limit=2000).post("/v1/products", content=b" " * 2001, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:openaisle:problem:BodyTooLarge")
    assert answer.headers["connection"] == "close"


def test_a_body_that_does_not_say(serve: Serve) -> None:
    answer = serve(body_limit=2000).post("/v1/products", content=endless(3), headers=JSON)
    assert answer.status_code == 413
    assert "content-length" not in answer.request.headers


def test_a_body_within_the_limit(serve: Serve) -> None:
    assert serve(body_limit=2000).post("/v1/products", content=b"[]" + b" " * 1998, headers=JSON).status_code == 200


def test_a_search_body_has_the_same_limit(serve: Serve) -> None:
    client = serve(body_limit=2000)
    assert client.post("/v1/search", content=endless(3), headers=JSON).status_code == 413
    assert client.post("/v1/search", json={"query": "x" * 3000}).status_code == 413


def test_requests_a_minute(serve: Serve) -> None:
    client = serve(rate=3)
    answers = [client.get("/v1/search") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["retry-after"] == "60"
    assert client.get("/v1/health").status_code == 200


def test_a_bucket_refills_and_each_caller_has_its_own() -> None:
    now = 0.0
    rates = Rates(60, clock=lambda: now)
    for _ in range(60):
        rates.take("a")
    with pytest.raises(TooManyRequests):
        rates.take("a")
    rates.take("b")
    now = 1.5
    rates.take("a")
    with pytest.raises(TooManyRequests):
        rates.take("a")


def test_no_limit() -> None:
    rates = Rates(0)
    for _ in range(1000):
        rates.take("a")


def test_other_pages_may_not_call_unless_they_are_named(serve: Serve) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    silent = serve()
    assert "access-control-allow-origin" not in silent.get("/v1/search", headers=asked).headers
    assert silent.options("/v1/search", headers=asked).status_code == 405
    named = serve(cors=("https://shop.example",))
    assert named.get("/v1/search", headers=asked).headers["access-control-allow-origin"] == "https://shop.example"
    assert named.options("/v1/search", headers=asked).status_code == 200
    other = {**asked, "Origin": "https://evil.example"}
    assert "access-control-allow-origin" not in named.get("/v1/search", headers=other).headers
