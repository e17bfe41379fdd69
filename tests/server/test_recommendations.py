from __future__ import annotations

import time

import pytest
from fastapi.testclient import TestClient

from openaisle.events.event import Event, Kind
from openaisle.shop import Shop

pytest.importorskip("implicit")


def test_an_untrained_shop_says_what_to_do(client: TestClient) -> None:
    answer = client.get("/v1/recommendations")
    assert answer.status_code == 409
    assert "openaisle recommend train" in answer.json()["mend"]


def test_recommendations_come_with_reasons_and_parts(client: TestClient, shop: Shop) -> None:
    now = time.time_ns() // 1_000_000
    shop.events.append(
        Event(f"{number}", Kind.VIEW, now - 10**6 + number, session="s", product_id=id)
        for number, id in enumerate(["MUG-1", "MUG-2"] * 3)
    )
    shop.recommendations.train(lambda stage, done, total: None)
    answer = client.get("/v1/recommendations", params={"product": "MUG-1", "limit": 2}).json()
    assert set(answer) == {"placement", "model", "recommendations", "timings", "notices"}
    assert answer["placement"] == "similar"
    (first, *_) = answer["recommendations"]
    assert first["id"] == "MUG-2"
    assert first["product"]["title"]["zh"] == "红色搪瓷杯"
    assert sum(first["contributions"].values()) == pytest.approx(first["score"], abs=1e-4)
    assert set(first["reason"]["text"]) == {"en", "zh"}
    home = client.get("/v1/recommendations", params={"session": ["MUG-1"], "placement": "home"}).json()
    assert home["placement"] == "home"


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"limit": 0}, 422),
        ({"placement": "nowhere"}, 422),
        ({"placement": "similar"}, 400),
        ({"unheard": 1}, 422),
        ({"cart": ["x"] * 101}, 422),
    ],
)
def test_a_wrong_request_is_refused(client: TestClient, params: dict[str, object], status: int) -> None:
    assert client.get("/v1/recommendations", params=params).status_code == status
