"""A small OpenAI-compatible embeddings server on loopback that can be told to misbehave."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

KEY = "sk-of-the-tests"


@dataclass
class EmbeddingServer:
    """`plan` holds what the next requests get before answers are right again: a status, `slow`, `html`, `short`."""

    url: str = ""
    dimensions: int = 16
    plan: list[Any] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(body)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return JSONResponse({"error": {"message": "Incorrect API key provided."}}, status_code=401)
        step = self.plan.pop(0) if self.plan else None
        if isinstance(step, int):
            return JSONResponse({"error": {"message": "try later"}}, step, {"retry-after": "0.01"})
        if step == "slow":
            await _pause()
        if step == "html":
            return Response("<html>welcome</html>", media_type="text/html")
        texts = body["input"][:-1] if step == "short" else body["input"]
        size = self.dimensions if step == "wide" else body.get("dimensions", self.dimensions)
        rows = [
            {"object": "embedding", "index": index, "embedding": _embedding(text, size)}
            for index, text in enumerate(texts)
        ]
        return JSONResponse({"object": "list", "model": body["model"], "data": rows[::-1]})


async def _pause() -> None:
    import asyncio

    await asyncio.sleep(0.5)


def _embedding(text: str, size: int) -> list[float]:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return (np.random.default_rng(seed).normal(size=size) * 3).tolist()


@contextmanager
def serving() -> Iterator[EmbeddingServer]:
    state = EmbeddingServer()
    app = FastAPI()
    app.add_api_route("/v1/embeddings", state.answer, methods=["POST"], response_model=None)
    listener = socket.create_server(("127.0.0.1", 0))
    state.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield state
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
