from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from openaisle.catalog.product import Product
from openaisle.errors import ModelError
from openaisle.language import Analyzer, language_of
from openaisle.learning.data.keys import canonical
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.data.synthetic.endpoint import EndpointWriter
from openaisle.learning.data.synthetic.queries import made_up, queries_for
from openaisle.learning.data.synthetic.spans import spans
from openaisle.learning.data.synthetic.templates import filled
from openaisle.learning.examples import Candidate, Example, JudgedQuery, Labelled, Triplet
from openaisle.models.json_endpoint import Waits

ANALYZER = Analyzer()
MUG = Product(
    "m1",
    {"en": "Yaosong Stoneware Mug with Lid, Cream", "zh": "窑松粗陶马克杯 奶油色"},
    brand="Yaosong 窑松",
    category=("Kitchen", "Mugs"),
    attributes={
        "material": "stoneware",
        "material_zh": "粗陶",
        "category_zh": ("厨具", "马克杯"),
        "dishwasher_safe": True,
    },
)


def _made(shelf: Shelf, count: int, **given: Any) -> tuple[Example, ...]:
    beside = given.pop("beside", (Triplet("a", "b"),))
    held_out = given.pop("held_out", ())
    return made_up(
        shelf, count, 7, beside=beside, held_out=held_out, writer=given.pop("writer", None), tell=lambda *_: None
    )


def test_spans_are_parts_of_the_title_that_stand_alone() -> None:
    found = set(spans("Stoneware Mug with Lid, Cream", ANALYZER))
    assert {"Stoneware Mug", "Mug with Lid", "Stoneware Mug with Lid"} <= found
    assert not {"Mug with", "with Lid", "Lid, Cream", "Stoneware Mug with Lid, Cream"} & found
    assert "粗陶马克杯" in set(spans("窑松粗陶马克杯 奶油色", ANALYZER))


def test_templates_speak_one_language_each() -> None:
    found = set(filled(MUG))
    assert {"stoneware mugs", "Yaosong mugs", "粗陶马克杯", "窑松马克杯", "dishwasher safe mugs"} <= found
    assert not any("stoneware马" in query or "窑松 mugs" in query for query in found)


def test_queries_differ_and_are_not_the_title(sample) -> None:
    for product in sample[::40]:
        queries = queries_for(product, 6, 7, ANALYZER)
        keys = [canonical(query) for query in queries]
        assert len(set(keys)) == len(keys) == 6
        assert not set(keys) & {canonical(title) for title in product.title.values()}
        assert queries == queries_for(product, 6, 7, ANALYZER) != queries_for(product, 6, 8, ANALYZER)
    languages = {language_of(query) for product in sample[::40] for query in queries_for(product, 6, 7, ANALYZER)}
    assert {"zh", "en"} <= languages


def test_made_up_queries_take_the_kind_of_what_they_stand_beside() -> None:
    shelf = Shelf((MUG,), ("title",))
    document = shelf.text(MUG)
    triplets = _made(shelf, 3)
    assert len(triplets) == 3
    assert all(isinstance(each, Triplet) and each.positive == document for each in triplets)
    twins = Shelf((MUG, Product("m2", MUG.title, brand=MUG.brand, category=MUG.category)), ("title",))
    judged = _made(twins, 20, beside=(JudgedQuery("q", ()),))
    shared = [each for each in judged if isinstance(each, JudgedQuery) and len(each.candidates) == 2]
    assert shared
    assert shared[0].candidates == (Candidate(document, 1.0, "m1"), Candidate(document, 1.0, "m2"))
    assert _made(shelf, 3, beside=(Labelled("a", ("b",)),)) == ()


def test_what_is_held_out_is_not_made_up() -> None:
    shelf = Shelf((MUG,), ("title",))
    first = _made(shelf, 3)[0]
    assert isinstance(first, Triplet)
    again = _made(shelf, 3, held_out=(Triplet(first.anchor.upper(), "x"),))
    assert first not in again
    assert len(again) == 2


class Chat:
    """Answers chat completions on loopback; `plan` holds what the next requests get."""

    def __init__(self) -> None:
        self.plan: list[Any] = []
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.url = ""

    async def answer(self, request: Request) -> Response:
        self.bodies.append(await request.json())
        self.keys.append(request.headers.get("authorization"))
        step = (
            self.plan.pop(0) if self.plan else "1. cream mug\n- mug with lid\n\n“奶油色杯子”\ncream mug\n" + "x" * 200
        )
        if isinstance(step, int):
            return JSONResponse({"error": {"message": "no"}}, step)
        if isinstance(step, bytes):
            return Response(step)
        return JSONResponse({"choices": [{"message": {"role": "assistant", "content": step}}]})


@contextmanager
def serving() -> Iterator[Chat]:
    chat, app = Chat(), FastAPI()
    app.add_api_route("/v1/chat/completions", chat.answer, methods=["POST"], response_model=None)
    listener = socket.create_server(("127.0.0.1", 0))
    chat.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield chat
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="module")
def chat() -> Iterator[Chat]:
    with serving() as chat:
        yield chat


QUICK = Waits(timeout=5, attempts=3, first=0.01, longest=0.02)


def test_a_language_model_writes_queries(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRITER_KEY", "sk-test")
    with EndpointWriter.open(chat.url, "small", "WRITER_KEY", QUICK) as writer:
        assert writer.write("Cream mug with lid. " * 200, 5) == ["cream mug", "mug with lid", "奶油色杯子"]
        assert len(_made(Shelf((MUG,), ("title",)), 2, writer=writer)) == 2
    assert chat.keys[-1] == "Bearer sk-test"
    body = chat.bodies[-2]
    assert body["model"] == "small"
    assert len(body["messages"][1]["content"]) == 1500


def test_a_language_model_that_fails(chat: Chat) -> None:
    with EndpointWriter.open(chat.url, "small", waits=QUICK) as writer:
        chat.plan = [503, 429]
        assert writer.write("mug", 1) == ["cream mug"]
        chat.plan = [500, 500, 500]
        with pytest.raises(ModelError, match="failed 3 times: status 500"):
            writer.write("mug", 1)
        chat.plan = [401]
        with pytest.raises(ModelError, match="status 401"):
            writer.write("mug", 1)
        for nonsense in (b"<html>", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}'):
            chat.plan = [nonsense]
            with pytest.raises(ModelError, match="did not answer with a message"):
                writer.write("mug", 1)
        chat.plan = [b"x" * (2 << 20)]
        with pytest.raises(ModelError, match="more than 1 MiB"):
            writer.write("mug", 1)


def test_a_language_model_that_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="is not an address"):
        EndpointWriter.open("host/v1", "small")
    monkeypatch.delenv("WRITER_KEY", raising=False)
    with pytest.raises(ModelError, match="WRITER_KEY is not set"):
        EndpointWriter.open("http://127.0.0.1:9/v1", "small", "WRITER_KEY")
    with (
        EndpointWriter.open("http://127.0.0.1:9/v1", "small", waits=QUICK) as writer,
        pytest.raises(ModelError, match="failed 3"),
    ):
        writer.write("mug", 1)
