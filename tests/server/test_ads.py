from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from openaisle.settings.editing import set_value
from openaisle.shop import Shop

BODY: dict[str, Any] = {
    "id": "mugs",
    "advertiser": "Lehmhof",
    "products": ["MUG-1"],
    "currency": "EUR",
    "bid": "0.45",
    "daily_budget": "20",
    "keywords": [{"text": "mug", "match": "exact"}],
}


@pytest.fixture
def client(serve: Any, folder: Any) -> TestClient:
    set_value(folder, "shop", "currency", "EUR")
    client: TestClient = serve()
    return client


@pytest.fixture
def shop(client: TestClient) -> Shop:
    shop: Shop = client.app.state.service.shop  # type: ignore[attr-defined]
    return shop


def test_campaigns_are_added_shown_paused_and_removed(client: TestClient) -> None:
    made = client.post("/v1/ads/campaigns", json=BODY)
    assert made.status_code == 201, made.text
    assert (made.json()["bid"], made.json()["status"], made.json()["spent"]) == ("0.45", "active", "0.00")
    assert client.post("/v1/ads/campaigns", json=BODY).status_code == 409
    paused = client.patch("/v1/ads/campaigns/mugs", json={"status": "paused"})
    assert paused.json()["status"] == "paused"
    assert [each["id"] for each in client.get("/v1/ads/campaigns").json()["campaigns"]] == ["mugs"]
    assert client.delete("/v1/ads/campaigns/mugs").status_code == 204
    assert client.get("/v1/ads/campaigns/mugs").json()["status"] == "removed"
    assert client.patch("/v1/ads/campaigns/mugs", json={"status": "active"}).status_code == 404
    assert client.get("/v1/ads/campaigns/none").status_code == 404


@pytest.mark.parametrize(
    "change", [{"bid": 0.45}, {"bid": "0.455"}, {"currency": "USD"}, {"keywords": []}, {"colour": "red"}]
)
def test_odd_campaigns_are_refused(client: TestClient, change: dict[str, Any]) -> None:
    refused = client.post("/v1/ads/campaigns", json={**BODY, **change})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.fixture
def mugs(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Eight mugs as they are found, of which MUG-5 is advertised."""
    monkeypatch.setattr("openaisle.ads.pacing.Pacer.rate", lambda *_: 1.0)
    rows = [{"id": f"MUG-{number}", "title": {"en": "mug" + " blue" * number}} for number in range(8)]
    assert client.post("/v1/products", json=rows).json()["accepted"] == 8
    assert client.post("/v1/ads/campaigns", json={**BODY, "products": ["MUG-5"]}).status_code == 201
    return [f"MUG-{number}" for number in range(8)]


def test_a_search_shows_its_ad(client: TestClient, mugs: list[str]) -> None:
    shown = client.post("/v1/search", json={"query": "mug"}).json()
    assert [hit["id"] for hit in shown["hits"]] == [*mugs[:3], "MUG-5", *mugs[3:5], *mugs[6:]]
    assert ["sponsored" in hit or "ad" in hit for hit in shown["hits"]] == [False] * 3 + [True] + [False] * 4
    sponsored = shown["hits"][3]
    assert sponsored["sponsored"] is True
    assert set(sponsored["ad"]) == {"campaign", "advertiser", "query_id", "token", "explanation"}
    assert sponsored["ad"]["query_id"] == shown["query_id"]
    assert sponsored["ad"]["explanation"]["matched"] == "exact keyword"
    linked = client.get("/v1/search", params={"q": "mug"}).json()
    assert [hit["id"] for hit in linked["hits"]] == [hit["id"] for hit in shown["hits"]]


def test_a_search_may_do_without_ads(client: TestClient, mugs: list[str]) -> None:
    for answer in (
        client.post("/v1/search", json={"query": "mug", "ads": False}),
        client.get("/v1/search", params={"q": "mug", "ads": "false"}),
    ):
        assert [hit["id"] for hit in answer.json()["hits"]] == mugs
        assert not any("sponsored" in hit or "ad" in hit for hit in answer.json()["hits"])
    assert client.post("/v1/search", json={"query": "mug", "ads": "some"}).status_code == 422


@pytest.mark.usefixtures("mugs")
def test_a_click_is_charged_once_and_reported(client: TestClient) -> None:
    (ad,) = [hit["ad"] for hit in client.post("/v1/search", json={"query": "mug"}).json()["hits"] if "ad" in hit]
    named = {name: ad[name] for name in ("campaign", "query_id", "token")}
    body = {"id": "c1", "product_id": "MUG-5", **named}
    first = client.post("/v1/ads/clicks", json=body)
    assert first.json() == {"id": "c1", "state": "billed", "reason": ""}
    assert client.post("/v1/ads/clicks", json=body).json() == first.json()
    assert client.post("/v1/ads/clicks", json={**body, "id": "c2"}).json()["reason"] == "repeat"
    assert client.post("/v1/ads/clicks", json={**body, "product_id": "MUG-2"}).status_code == 422
    report = client.get("/v1/ads/report", params={"by": ["campaign", "keyword"]}).json()
    (line,) = report["lines"]
    assert (line["campaign"], line["keyword"], line["clicks"], line["spend"]) == ("mugs", "mug", 1, "0.01")
    assert report["totals"][0]["spend"] == "0.01"
    assert client.get("/v1/ads/report", params={"until": "2020-01-01"}).json()["lines"] == []
    assert client.get("/v1/ads/report", params={"by": "colour"}).status_code == 422
