from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient


@pytest.fixture(scope="module")
def client(shared_client: TestClient) -> TestClient:
    return shared_client


def test_an_answer_has_all_that_was_promised(client: TestClient) -> None:
    body = {"query": "mug", "facets": ["brand"], "explain": True, "filter": "price < 10"}
    answer = client.post("/v1/search", json=body).json()
    assert set(answer) >= {"query_id", "total", "hits", "facets", "timings", "notices"}
    assert answer["total"] == 1
    assert answer["facets"] == {"brand": {"Emaille": 1}}
    (hit,) = answer["hits"]
    assert set(hit) >= {"id", "score", "product", "highlights", "explanation"}
    assert hit["product"]["title"]["zh"] == "红色搪瓷杯"
    assert sum(hit["explanation"].values()) == pytest.approx(hit["score"], abs=1e-6)


def test_by_address_as_by_body(client: TestClient) -> None:
    params: dict[str, Any] = {
        "q": "mug",
        "limit": 1,
        "offset": 1,
        "facet": ["brand", "price:0,10,100"],
        "sort": "price:asc",
    }
    link = client.get("/v1/search", params=params).json()
    body = {"query": "mug", "limit": 1, "offset": 1, "facets": params["facet"], "sort": "price:asc"}
    post = client.post("/v1/search", json=body).json()
    for answer in (link, post):
        assert answer["total"] == 2
        assert [hit["id"] for hit in answer["hits"]] == ["MUG-1"]
    assert link["facets"] == post["facets"]


def test_an_empty_query_browses(client: TestClient) -> None:
    assert client.post("/v1/search", json={}).json()["total"] == 3
    assert client.get("/v1/search").json()["total"] == 3


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"filter": "price <"}, 400, "FilterSyntaxError"),
        ({"filter": "(" * 5000}, 400, ""),
        ({"facets": ["nonsense"]}, 400, "UnknownField"),
        ({"sort": "nonsense:asc"}, 400, "UnknownField"),
        ({"sort": "price:sideways"}, 400, ""),
        ({"query": "x" * 5000}, 400, "LimitExceeded"),
        ({"offset": 10**9}, 400, "LimitExceeded"),
        ({"offset": -1}, 422, "InvalidRequest"),
        ({"limit": 1001}, 422, "InvalidRequest"),
        ({"limit": "ten"}, 422, "InvalidRequest"),
        ({"mode": "psychic"}, 422, "InvalidRequest"),
        ({"qurey": "mug"}, 422, "InvalidRequest"),
        ({"query": None}, 422, "InvalidRequest"),
        ([], 422, "InvalidRequest"),
    ],
)
def test_bad_requests_are_told_apart(client: TestClient, body: Any, status: int, kind: str) -> None:
    answer = client.post("/v1/search", json=body)
    problem = answer.json()
    assert answer.status_code == status, problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) >= {"type", "title", "status", "detail", "mend", "request_id"}
    assert problem["status"] == status
    assert problem["type"].endswith(kind)
    assert problem["mend"]


def test_a_wrong_member_is_pointed_at(client: TestClient) -> None:
    problem = client.post("/v1/search", json={"limit": -1, "offset": -1}).json()
    assert [error["where"] for error in problem["errors"]] == ["#/limit", "#/offset"]
    link = client.get("/v1/search", params={"offset": -1}).json()
    assert link["errors"][0]["where"] == "query offset"


def test_a_filter_error_shows_the_position(client: TestClient) -> None:
    detail = client.post("/v1/search", json={"filter": "price < AND"}).json()["detail"]
    assert "price < AND" in detail
    assert "^" in detail or "character" in detail


@pytest.mark.parametrize("query", ["😀", "\x00\x07", "' OR 1=1 --", "<script>", "\u202e", "%", "*" * 500, "🏳️‍🌈" * 50])
def test_odd_queries_are_answered(client: TestClient, query: str) -> None:
    assert client.post("/v1/search", json={"query": query}).status_code == 200
    assert client.get("/v1/search", params={"q": query}).status_code == 200


def test_bytes_that_are_no_text(client: TestClient) -> None:
    assert client.get("/v1/search?q=%ff%fe").status_code == 200
    headers = {"Content-Type": "application/json"}
    assert client.post("/v1/search", content=b'{"query": "\\ud800"}', headers=headers).status_code == 400
    assert client.post("/v1/search", content=b"[" * 100_000, headers=headers).status_code == 400
    assert (
        client.post("/v1/search", content=b'{"query": "mug"}', headers={"Content-Type": "text/plain"}).status_code
        == 422
    )


def test_a_misspelt_parameter_is_told(client: TestClient) -> None:
    answer = client.get("/v1/search", params={"q": "mug", "limitt": 3})
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "query limitt")
    assert client.get("/v1/products/MUG-1?verbose=1").status_code == 422
