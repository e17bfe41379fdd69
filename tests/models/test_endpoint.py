from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from embedding_server import KEY, EmbeddingServer, serving
from encoder_contract import EncoderContract

from openaisle.errors import ModelError
from openaisle.models.endpoint import EndpointEncoder
from openaisle.models.json_endpoint import Waits

VARIABLE = "OPENAISLE_TEST_EMBEDDING_KEY"
QUICK = Waits(timeout=0.2, attempts=3, first=0.01, longest=0.05)


@pytest.fixture(scope="module")
def shared_server() -> Iterator[EmbeddingServer]:
    with serving() as server:
        yield server


@pytest.fixture
def server(shared_server: EmbeddingServer) -> EmbeddingServer:
    shared_server.plan.clear()
    shared_server.requests.clear()
    return shared_server


@pytest.fixture(scope="module", autouse=True)
def _key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        yield


def opened(server: EmbeddingServer, **changes: Any) -> EndpointEncoder:
    options: dict[str, Any] = {"model": "small", "api_key_env": VARIABLE, "waits": QUICK}
    return EndpointEncoder.open(changes.pop("url", server.url), **(options | changes))


class TestEndpointEncoder(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls, shared_server: EmbeddingServer) -> Iterator[EndpointEncoder]:
        with opened(shared_server, waits=Waits(), batch_size=3) as encoder:
            yield encoder


def test_texts_go_out_in_batches_with_their_prefix(server: EmbeddingServer) -> None:
    with opened(server, batch_size=2, query_prefix="find: ") as encoder:
        encoder.encode_queries(["a", "b", "c", "d", "e"])
    assert [request["input"] for request in server.requests[1:]] == [
        ["find: a", "find: b"],
        ["find: c", "find: d"],
        ["find: e"],
    ]
    assert {request["model"] for request in server.requests} == {"small"}


def test_the_address_may_name_the_resource(server: EmbeddingServer) -> None:
    with opened(server) as one, opened(server, url=server.url + "/embeddings") as other:
        assert one.identity == other.identity


def test_identity_tells_models_and_sizes_apart(server: EmbeddingServer) -> None:
    digests = set()
    for changes in ({}, {"model": "large"}, {"dimensions": 8}, {"query_prefix": "q"}):
        with opened(server, **changes) as encoder:
            digests.add(encoder.identity.digest)
    assert len(digests) == 4


def test_dimensions_are_asked_for(server: EmbeddingServer) -> None:
    with opened(server, dimensions=8) as encoder:
        assert encoder.encode_queries(["a"]).shape == (1, 8)
    assert {request["dimensions"] for request in server.requests} == {8}


def test_other_dimensions_than_stated_are_refused(server: EmbeddingServer) -> None:
    server.plan[:] = ["wide"]
    with pytest.raises(ModelError, match="16 dimensions instead of 8"):
        opened(server, dimensions=8)


def test_dimensions_that_change_later_are_refused(server: EmbeddingServer) -> None:
    with opened(server, dimensions=8) as encoder:
        server.plan[:] = ["wide"]
        with pytest.raises(ModelError, match="16 dimensions instead of 8"):
            encoder.encode_queries(["a"])


@pytest.mark.parametrize("step", [429, 500, 503, "slow"])
def test_what_may_pass_is_tried_again(server: EmbeddingServer, step: int | str) -> None:
    with opened(server) as encoder:
        expected = encoder.encode_queries(["a"])
        server.plan[:] = [step, step]
        np.testing.assert_array_equal(encoder.encode_queries(["a"]), expected)
    assert len(server.requests) == 5


@pytest.mark.parametrize(
    ("step", "complaint"), [(429, "status 429"), (502, "status 502"), ("slow", r"no answer in 0\.2 s")]
)
def test_it_gives_up_in_the_end(server: EmbeddingServer, step: int | str, complaint: str) -> None:
    server.plan[:] = [step] * 3
    with pytest.raises(ModelError, match=f"failed 3 times: {complaint}"):
        opened(server)
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 301])
def test_what_will_not_pass_is_not_tried_again(server: EmbeddingServer, status: int) -> None:
    server.plan[:] = [status]
    with pytest.raises(ModelError, match=f"status {status}: try later"):
        opened(server)
    assert len(server.requests) == 1


@pytest.mark.parametrize("step", ["html", "short"])
def test_nonsense_is_refused(server: EmbeddingServer, step: str) -> None:
    with opened(server) as encoder:
        server.plan[:] = [step]
        with pytest.raises(ModelError, match="did not answer with one vector a text"):
            encoder.encode_queries(["a", "b"])


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ModelError, match="failed 3 times"):
        EndpointEncoder.open(f"http://127.0.0.1:{port}/v1", model="small", waits=QUICK)


def test_a_wrong_key_is_never_shown(
    server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(VARIABLE, "sk-very-secret")
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ModelError, match="Incorrect API key") as caught:
        opened(server)
    assert "sk-very-secret" not in repr(caught.value) + caplog.text


def test_a_key_that_is_not_set(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(ModelError, match=f"{VARIABLE} is not set"):
        opened(server)


def test_a_model_must_be_named(server: EmbeddingServer) -> None:
    with pytest.raises(ModelError, match="name of a model"):
        opened(server, model=None)


def test_only_http_addresses(server: EmbeddingServer) -> None:
    with pytest.raises(ModelError, match="not an address"):
        opened(server, url="file:///etc/passwd")


def test_waits_grow_and_stay_below_the_longest() -> None:
    waits = list(Waits(attempts=10, first=1, longest=8).between())
    assert len(waits) == 9
    assert 0.75 <= waits[0] <= 1.25
    assert 3 <= waits[2] <= 5
    assert max(waits) <= 10
