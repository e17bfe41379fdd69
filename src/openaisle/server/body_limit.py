"""No body beyond its limit is read, whether or not the client says how long it is."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openaisle.errors import BodyTooLarge
from openaisle.server.problems import problem_of

FEED_BYTES = 4 << 30
"""An uploaded feed goes to disk as it comes, so its limit is the disk's sake, not memory's."""

LimitOf = Callable[[Scope], int]


class _Exceeded(Exception):
    pass


class BodyLimit:
    """ASGI middleware: answers 413 as soon as a body is known to be too long, and reads no more of it."""

    def __init__(self, app: ASGIApp, limit_of: LimitOf) -> None:
        self._app = app
        self._limit_of = limit_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope)
        if _stated(scope) > limit:
            await _refuse(limit, scope, receive, send)
            return
        body = _Body(receive, send, limit)
        try:
            await self._app(scope, body.receive, body.send)
        except _Exceeded:
            if body.answered:
                raise
        if body.exceeded and not body.answered:
            await _refuse(limit, scope, receive, send)


class _Body:
    """One request's body, counted. What a route answers to a body cut off (FastAPI says 400) is not the answer."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self.exceeded = False
        self.answered = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.exceeded = True
            raise _Exceeded
        return message

    async def send(self, message: Message) -> None:
        if self.exceeded and not self.answered:
            return
        self.answered = True
        await self._send(message)


def _stated(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


async def _refuse(limit: int, scope: Scope, receive: Receive, send: Send) -> None:
    error = BodyTooLarge(
        f"The body has more than {limit:,} bytes.", "Send it in parts, or raise body_limit under [server]."
    )
    response = problem_of(error).response(scope)
    response.headers["Connection"] = "close"
    await response(scope, receive, send)
