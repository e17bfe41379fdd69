from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from openaisle.errors import StorageError, Unauthorized
from openaisle.server.access import Access, is_loopback
from openaisle.server.rates import Rates
from openaisle.shop import Shop
from openaisle.storage.keys import Key

Serve = Callable[..., TestClient]

CALLS = {
    "search": [
        ("POST", "/v1/search"),
        ("GET", "/v1/search"),
        ("GET", "/v1/products/A"),
        ("GET", "/v1/recommendations"),
    ],
    "write": [
        ("POST", "/v1/products"),
        ("POST", "/v1/events"),
        ("PATCH", "/v1/products"),
        ("PUT", "/v1/products/A"),
        ("PATCH", "/v1/products/A"),
        ("DELETE", "/v1/products/A"),
        ("POST", "/v1/products/delete"),
        ("GET", "/v1/products/A"),
        ("POST", "/v1/ads/clicks"),
        ("GET", "/v1/shoppers/x"),
        ("PUT", "/v1/shoppers/x"),
        ("DELETE", "/v1/shoppers/x"),
        ("POST", "/v1/tasks/ingest"),
        ("GET", "/v1/tasks"),
        ("GET", "/v1/tasks/x"),
    ],
    "admin": [
        ("POST", "/v1/tasks/reindex"),
        ("GET", "/v1/tasks"),
        ("POST", "/v1/keys"),
        ("GET", "/v1/keys"),
        ("DELETE", "/v1/keys/x"),
        ("POST", "/v1/ads/campaigns"),
        ("GET", "/v1/ads/campaigns"),
        ("GET", "/v1/ads/campaigns/x"),
        ("PATCH", "/v1/ads/campaigns/x"),
        ("DELETE", "/v1/ads/campaigns/x"),
        ("GET", "/v1/ads/report"),
    ],
}
ALL = sorted({call for calls in CALLS.values() for call in calls})
OPEN = {"/v1/health", "/v1/ready"}


@pytest.fixture
def keys(folder: Path) -> dict[str, str]:
    """A key a scope."""
    with Shop.open(folder) as shop:
        return {scope: shop.keys.create(scope, [scope]).token for scope in CALLS}


def status(client: TestClient, call: tuple[str, str], token: str | None) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.request(*call, headers=headers).status_code


def test_every_call_is_in_this_test(serve: Serve) -> None:
    listed = set()
    for path, methods in serve().get("/openapi.json").json()["paths"].items():
        listed |= {(method.upper(), path.replace("{id}", "x")) for method in methods}
    known = {(method, path.replace("/A", "/x")) for method, path in ALL}
    assert listed - known == {("GET", "/v1/health"), ("GET", "/v1/ready"), ("GET", "/metrics")}


def test_each_scope_opens_its_calls_and_no_others(serve: Serve, keys: dict[str, str]) -> None:
    client = serve()
    for scope, token in keys.items():
        for call in ALL:
            allowed = scope == "admin" or call in CALLS[scope]
            assert (status(client, call, token) != 403) == allowed, (scope, call)


def test_without_a_key_nothing_but_health(serve: Serve, keys: dict[str, str]) -> None:
    client = serve()
    for call in [*ALL, ("GET", "/metrics")]:
        answer = client.request(*call)
        assert answer.status_code in {401, 422}, call  # a body is read before the key, but nothing is done
        assert answer.headers["content-type"] == "application/problem+json"
    for path in OPEN:
        assert client.get(path).status_code == 200
    refused = client.post("/v1/search", json={})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


def test_keys_that_are_none(serve: Serve, keys: dict[str, str], folder: Path) -> None:
    client = serve()
    call = ("GET", "/v1/search")
    assert status(client, call, keys["search"]) == 200
    for token in ("nonsense", keys["search"][:-1], keys["search"] + "x", "oa__", "Bearer", "é"):
        headers = {"Authorization": f"Bearer {token}".encode()}
        assert client.request(*call, headers=headers).status_code == 401, token
    with Shop.open(folder) as shop:
        for key in shop.keys.list():
            shop.keys.revoke(key.id)
    assert status(client, call, keys["search"]) == 401
    assert status(client, call, None) == 401


def test_any_key_reads_metrics(serve: Serve, keys: dict[str, str]) -> None:
    client = serve()
    assert {status(client, ("GET", "/metrics"), token) for token in keys.values()} == {200}


def test_without_keys_this_machine_may_do_all(serve: Serve) -> None:
    client = serve()
    assert client.get("/v1/search").status_code == 200
    assert client.get("/v1/keys").status_code == 200


@pytest.mark.parametrize(
    ("host", "peer"), [("127.0.0.1", "192.168.1.7"), ("192.168.1.2", "192.168.1.7"), ("evil.example", "127.0.0.1")]
)
def test_without_keys_no_other_machine_and_no_foreign_name(serve: Serve, host: str, peer: str) -> None:
    client = serve(host=host, peer=peer)
    assert client.get("/v1/search").status_code == 401
    assert client.get("/v1/health").status_code == 200


def test_the_first_key_closes_the_door(serve: Serve) -> None:
    client = serve()
    made = client.post("/v1/keys", json={"name": "shop", "scopes": ["search"]})
    assert made.status_code == 201
    assert client.get("/v1/search").status_code == 401
    assert status(client, ("GET", "/v1/search"), made.json()["token"]) == 200


def test_keys_may_be_demanded_always_or_never(serve: Serve, folder: Path) -> None:
    assert serve(keys="always").get("/v1/search").status_code == 401
    with Shop.open(folder) as shop:
        shop.keys.create("some", ["search"])
    open_to_all = serve(keys="never", host="shop.example", peer="192.168.1.7")
    assert open_to_all.get("/v1/search").status_code == 200
    assert status(open_to_all, ("GET", "/v1/search"), "unknown") == 200


def test_keys_are_made_listed_and_revoked(serve: Serve, keys: dict[str, str]) -> None:
    client = serve()
    client.headers["Authorization"] = f"Bearer {keys['admin']}"
    made = client.post("/v1/keys", json={"name": "feed", "scopes": ["write"]})
    assert made.headers["cache-control"] == "no-store"
    listed = client.get("/v1/keys")
    assert [key["name"] for key in listed.json()["keys"]][-1] == "feed"
    assert made.json()["token"].rpartition("_")[2] not in listed.text
    assert client.delete(f"/v1/keys/{made.json()['id']}").status_code == 204
    assert client.delete(f"/v1/keys/{made.json()['id']}").status_code == 404
    assert status(client, ("POST", "/v1/products"), made.json()["token"]) == 401


@pytest.mark.parametrize(
    "body", [{}, {"name": "", "scopes": ["search"]}, {"name": "x", "scopes": []}, {"name": "x", "scopes": ["root"]}]
)
def test_odd_keys_are_refused(serve: Serve, body: dict[str, object]) -> None:
    assert serve().post("/v1/keys", json=body).status_code == 422


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("127.8.8.8", True),
        ("0.0.0.0", False),
        ("", False),
        ("localhost.evil.example", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


class _Growing:
    """Keys of which another process may make the first; counts how often it is asked for."""

    at_hand = True
    made = False
    asked = 0

    def verify(self, token: str) -> Key | None:
        return None

    def any(self) -> bool:
        self.asked += 1
        return self.made


def test_a_key_of_another_process_counts_soon_and_is_not_asked_for_with_every_request() -> None:
    now = 0.0
    keys = _Growing()
    access = Access(keys, "auto", Rates(0), clock=lambda: now)
    assert not any(access.demands_keys() for _ in range(100))
    assert keys.asked == 1
    keys.made = True
    now = 0.3
    assert all(access.demands_keys() for _ in range(100))
    assert keys.asked == 2


def test_nobody_is_let_in_while_it_is_not_known_whether_there_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = _Growing()
    access = Access(keys, "auto", Rates(0), clock=lambda: 0.0)

    def broken(_: object) -> bool:
        raise StorageError("The database does not answer.", "Start it.")

    with monkeypatch.context() as patched:
        patched.setattr(_Growing, "any", broken)
        for _ in range(3):
            with pytest.raises(StorageError):
                access.demands_keys()
    assert not access.demands_keys()


def test_a_key_of_this_process_counts_at_once() -> None:
    keys = _Growing()
    access = Access(keys, "auto", Rates(0), clock=lambda: 0.0)
    assert not access.demands_keys()
    access.key_was_made()
    assert access.demands_keys()


class _Distant:
    """Keys behind a network, which note the thread that asks for them."""

    at_hand = False

    def __init__(self) -> None:
        self.thread = 0

    def verify(self, token: str) -> Key | None:
        self.thread = threading.get_ident()
        return None

    def any(self) -> bool:
        return True


def test_keys_behind_a_network_keep_no_other_request_waiting() -> None:
    keys = _Distant()
    access = Access(keys, "always", Rates(0))
    request = Request({"type": "http", "headers": []})
    with pytest.raises(Unauthorized):
        asyncio.run(access.admitted(request, "oa_x_y", frozenset({"search"})))
    assert keys.thread not in (0, threading.get_ident())
