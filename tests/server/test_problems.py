from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from openaisle.errors import OpenAisleError, StorageError
from openaisle.server.logs import NAME, JsonLines
from openaisle.server.problems import encoded
from openaisle.shop import Shop


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, NAME)
    return caplog


def lines(log: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(JsonLines().format(record)) for record in log.records if record.name == NAME]


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v1/search/", "/../etc/passwd"])
def test_nothing_there(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:openaisle:problem:NoSuchAddress")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_wrong_method_names_the_right_ones(client: TestClient) -> None:
    answer = client.delete("/v1/search")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert client.put("/v1/products").headers["allow"] == "PATCH, POST"
    assert client.request("TRACE", "/v1/products/A").headers["allow"] == "DELETE, GET, PATCH, PUT"


def test_a_fault_shows_nothing_to_the_client_and_all_to_the_log(
    client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    def broken(request: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(shop, "search", broken)
    answer = client.post("/v1/search", json={"query": "mug"}, headers={"X-Request-Id": "abc"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "abc"
    assert "secret" not in answer.text
    fault, request = lines(log)
    assert "secret inside" in str(fault["trace"])
    assert fault["request_id"] == request["request_id"] == "abc"
    assert request["status"] == 500


def test_a_store_that_fails_is_503(client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(request: object) -> None:
        raise StorageError("The disk is full.", "Make room.")

    monkeypatch.setattr(shop, "search", full)
    answer = client.post("/v1/search", json={})
    assert (answer.status_code, answer.json()["mend"]) == (503, "Make room.")


def test_each_request_has_one_line_without_key_or_query(client: TestClient, log: pytest.LogCaptureFixture) -> None:
    client.get("/v1/search?q=secretquery", headers={"Authorization": "Bearer oa_abc_secretkey", "X-Request-Id": "a b"})
    client.get("/v1/search?q=secretquery")
    client.post("/v1/search", json={"query": "secretquery"})
    refused, link, _ = lines(log)
    assert (refused["status"], refused["route"], refused["method"]) == (401, "/v1/search", "GET")
    assert (link["status"], link["message"]) == (200, "request")
    assert isinstance(link["ms"], float)
    assert link["query_id"]
    assert len({line["request_id"] for line in lines(log)}) == 3
    text = json.dumps(lines(log))
    assert "secretquery" not in text
    assert "secretkey" not in text
    assert "a b" not in text


def test_the_log_names_the_pattern_not_the_path(client: TestClient, log: pytest.LogCaptureFixture) -> None:
    client.get("/v1/products/MUG-1")
    client.get("/wp-login.php")
    assert [line["route"] for line in lines(log)] == ["/v1/products/{id:path}", "unmatched"]


def test_every_error_has_a_status_that_http_knows() -> None:
    def kinds(kind: type[OpenAisleError]) -> Iterator[type[OpenAisleError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from kinds(child)

    assert all(400 <= kind.http_status < 600 for kind in kinds(OpenAisleError))


def test_halves_of_characters_are_mended() -> None:
    assert json.loads(encoded({"a\ud800": ["\udfff", 1, None]})) == {"a?": ["?", 1, None]}
