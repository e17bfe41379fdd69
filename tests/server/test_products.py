from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


def found(client: TestClient, query: str, **more: Any) -> list[str]:
    answer = client.post("/v1/search", json={"query": query, **more})
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()["hits"]]


def test_a_product_comes_back_as_it_was_sent(client: TestClient) -> None:
    body = client.get("/v1/products/MUG-1").json()
    assert body["title"] == {"en": "Blue stoneware mug", "zh": "蓝色陶瓷马克杯"}
    assert body["price"] == 12.5


def test_an_id_may_hold_a_slash(client: TestClient) -> None:
    assert client.get("/v1/products/CHAIR/1").json()["id"] == "CHAIR/1"
    assert client.get("/v1/products/CHAIR%2F1").json()["id"] == "CHAIR/1"


def test_the_same_again_changes_nothing(client: TestClient) -> None:
    body = client.get("/v1/products/MUG-1").json()
    assert client.post("/v1/products", json=[body]).json() == {
        "accepted": 0,
        "unchanged": 1,
        "rejected": 0,
        "rejects": [],
    }


def test_bad_products_never_stop_good_ones(client: TestClient) -> None:
    rows = [
        {"id": "NEW", "title": "Teapot"},
        {"id": "BAD"},
        7,
        {"title": "no id"},
        {"id": "X", "title": "t", "price": -1},
    ]
    done = client.post("/v1/products", json=rows).json()
    assert (done["accepted"], done["rejected"]) == (1, 4)
    assert [(reject["row"], reject["id"], reject["field"]) for reject in done["rejects"]] == [
        (1, "BAD", "title"),
        (2, None, ""),
        (3, None, "id"),
        (4, "X", "price"),
    ]
    assert found(client, "teapot") == ["NEW"]


def test_one_product_a_line(client: TestClient) -> None:
    lines = b'{"id": "A", "title": "Samovar"}\n\nnot json\n{"id": "B", "title": "Samowar"}'
    done = client.post("/v1/products", content=lines, headers=NDJSON).json()
    assert (done["accepted"], done["rejected"], done["rejects"][0]["row"]) == (2, 1, 1)
    assert found(client, "samovar")[0] == "A"


def test_of_two_with_one_id_the_later_wins(client: TestClient) -> None:
    client.post("/v1/products", json=[{"id": "A", "title": "first"}, {"id": "A", "title": "second"}])
    assert client.get("/v1/products/A").json()["title"] == "second"


def test_price_and_stock_change_alone(client: TestClient) -> None:
    done = client.patch("/v1/products", json=[{"id": "MUG-1", "price": 3}, {"id": "NONE", "price": 3}, {"price": 3}])
    assert (done.json()["accepted"], done.json()["rejected"]) == (1, 2)
    assert {reject["row"]: reject["reason"] for reject in done.json()["rejects"]} == {
        1: "no product has this id",
        2: "the id is missing",
    }
    assert client.get("/v1/products/MUG-1").json()["title"]["en"] == "Blue stoneware mug"
    assert found(client, "mug", filter="price < 5") == ["MUG-1"]


def test_null_removes_a_field(client: TestClient) -> None:
    client.patch("/v1/products/MUG-1", json={"brand": None})
    assert "brand" not in client.get("/v1/products/MUG-1").json()


def test_a_patch_that_makes_a_product_invalid_is_refused(client: TestClient) -> None:
    one = client.patch("/v1/products/MUG-1", json={"price": -4})
    assert (one.status_code, one.json()["type"]) == (422, "urn:openaisle:problem:InvalidProduct")
    many = client.patch("/v1/products", json=[{"id": "MUG-1", "price": -4}]).json()
    assert "negative" in many["rejects"][0]["reason"]
    assert client.get("/v1/products/MUG-1").json()["price"] == 12.5


def test_one_product_by_its_address(client: TestClient) -> None:
    assert client.put("/v1/products/T/1", json={"title": "Teapot"}).json()["accepted"] == 1
    assert client.put("/v1/products/T/1", json={"id": "T/1", "title": "Teapot"}).json()["unchanged"] == 1
    other = client.put("/v1/products/T/1", json={"id": "T/2", "title": "Teapot"})
    assert (other.status_code, other.json()["detail"]) == (400, "The body has another id than the address.")
    invalid = client.put("/v1/products/T/1", json={"colour": "red"})
    assert (invalid.status_code, invalid.json()["type"]) == (422, "urn:openaisle:problem:InvalidProduct")


def test_deleted_products_are_found_no_more(client: TestClient) -> None:
    assert client.delete("/v1/products/MUG-1").status_code == 204
    assert client.delete("/v1/products/MUG-1").status_code == 404
    assert client.get("/v1/products/MUG-1").status_code == 404
    assert client.post("/v1/products/delete", json={"ids": ["MUG-2", "NONE"]}).json() == {"deleted": 1}
    assert found(client, "mug") == []


@pytest.mark.parametrize("path", ["/v1/products/NONE", "/v1/products/a%00b", "/v1/products/%ff%fe"])
def test_an_unknown_id_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:openaisle:problem:ProductNotFound")
    assert client.patch(path, json={"price": 1}).status_code == 404


def test_an_endless_id_is_refused(client: TestClient) -> None:
    assert client.get("/v1/products/" + "x" * 300).status_code == 422
    assert client.put("/v1/products/" + "x" * 300, json={"title": "t"}).status_code == 422


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"{}", 400),
        (b"\xff\xfe[", 400),
        (b'[{"id": "A", "title": "\\ud800"}]', 400),
        (b'[{"id": "A", "title": "t", "price": NaN}]', 400),
        (b"[" * 200_000, 400),
    ],
)
def test_a_body_that_is_no_array_is_refused(client: TestClient, content: bytes, status: int) -> None:
    answer = client.post("/v1/products", content=content, headers=JSON)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_of_another_type_is_refused(client: TestClient) -> None:
    form = client.post("/v1/products", data={"id": "A"})
    assert (form.status_code, form.json()["title"]) == (415, "The body has the wrong type")
    assert client.post("/v1/products", content=json.dumps([])).status_code == 415
    assert client.put("/v1/products/A", content="{}", headers=NDJSON).status_code == 415


def test_an_empty_array_is_fine(client: TestClient) -> None:
    assert client.post("/v1/products", json=[]).json()["accepted"] == 0
