"""A shopper's profile over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

from openaisle.ads.campaign import Campaign, FrequencyCap, Keyword
from openaisle.events.log import now_ms
from openaisle.shop import Shop

Serve = Callable[..., TestClient]


def clicks(client: TestClient, shopper: str, products: list[str]) -> None:
    body = [
        {"id": f"{shopper}-{number}", "kind": "cart", "shopper": shopper, "product_id": id}
        for number, id in enumerate(products)
    ]
    assert client.post("/v1/events", json=body).json()["accepted"] == len(products)


def found(client: TestClient, shopper: str | None) -> list[Any]:
    return [hit["id"] for hit in client.post("/v1/search", json={"query": "cup", "shopper": shopper}).json()["hits"]]


def test_a_profile_is_seen_switched_off_and_erased(client: TestClient) -> None:
    cups = [{"id": f"CUP-{brand}", "title": "Tin cup", "brand": brand, "price": 5} for brand in ("One", "Two")]
    assert client.post("/v1/products", json=cups).json()["accepted"] == 2
    plain = found(client, None)
    assert len(plain) == 2
    clicks(client, "a/b c", [plain[-1]] * 8)
    assert found(client, "a/b c") == plain[::-1]
    shown = client.get("/v1/shoppers/a%2Fb%20c")
    assert shown.headers["cache-control"] == "no-store"
    body = shown.json()
    assert (body["on"], body["acts"]) == (True, 8)
    assert body["interests"][0]["field"] == "brand"
    assert any(words.startswith("Brands: ") for words in body["words"])

    assert client.put("/v1/shoppers/a%2Fb%20c", json={"on": False}).json() == {"on": False}
    assert found(client, "a/b c") == plain
    assert client.get("/v1/shoppers/a%2Fb%20c").json()["acts"] == 0
    assert client.put("/v1/shoppers/a%2Fb%20c", json={"on": True}).json() == {"on": True}
    assert found(client, "a/b c") == plain[::-1]

    assert client.delete("/v1/shoppers/a%2Fb%20c").json() == {"erased": 8}
    assert found(client, "a/b c") == plain
    assert client.get("/v1/shoppers/a%2Fb%20c").json() == {
        "on": True,
        "acts": 0,
        "first": None,
        "latest": None,
        "interests": [],
        "visit": [],
        "likeness": False,
        "words": ["Nothing is known: no product was clicked, viewed, put into the cart or ordered."],
    }


def test_a_search_key_sees_no_profile(serve: Serve, folder: Any) -> None:
    with Shop.open(folder) as shop:
        token = shop.keys.create("browser", ["search"]).token
    client = serve(keys="always")
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/v1/shoppers/ann", headers=headers).status_code == 403
    assert client.put("/v1/shoppers/ann", headers=headers, json={"on": False}).status_code == 403
    assert client.delete("/v1/shoppers/ann", headers=headers).status_code == 403


def test_a_wrong_switch_is_refused(client: TestClient) -> None:
    assert client.put("/v1/shoppers/ann", json={"on": "perhaps"}).status_code == 422
    assert client.put("/v1/shoppers/ann", json={}).status_code == 422
    assert client.get(f"/v1/shoppers/{'x' * 300}").status_code == 422


def test_erasing_forgets_what_ads_were_shown(client: TestClient, shop: Shop) -> None:
    capped = Campaign("C", "L", ("MUG-1",), "EUR", 1, 1, keywords=(Keyword("mug"),), cap=FrequencyCap(1, 24))
    ann, bob = map(shop.events.pseudonym, ("ann", "bob"))
    for shopper in (ann, bob):
        shop.ads.exposures.shown(shopper, "C", now_ms())
    client.delete("/v1/shoppers/ann")
    assert shop.ads.exposures.capped([capped], ann, now_ms()) == set()
    assert shop.ads.exposures.capped([capped], bob, now_ms()) == {"C"}
