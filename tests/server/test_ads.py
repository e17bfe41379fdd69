from __future__ import annotations

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from openaisle.ads.serving import Ask
from openaisle.ads.targeting import Targets
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


def test_a_click_is_charged_once_and_reported(client: TestClient, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    client.post("/v1/ads/campaigns", json=BODY)
    monkeypatch.setattr("openaisle.ads.pacing.Pacer.rate", lambda *_: 1.0)
    server = shop.ads.server(lambda each: Targets(each, str.split))
    now = time.time_ns() // 1_000_000
    page = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    (ad,) = server.choose(Ask("mug", "q1", now, page, lambda ids: dict.fromkeys(ids, 0.65)))
    told = ad.as_dict()
    body = {"id": "c1", "campaign": told["campaign"], "product_id": "MUG-1", "query_id": "q1", "token": told["token"]}
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
