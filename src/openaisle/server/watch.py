"""Around every request: an id, a line in the log, a count, and a problem document when the program itself fails."""

from __future__ import annotations

import logging
import random
import re
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openaisle.server.logs import tell, tell_fault
from openaisle.server.metrics import Metrics
from openaisle.server.problems import unexpected

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_UNMATCHED = "unmatched"


class Watch:
    """ASGI middleware, the outermost: whatever happens inside, a request ends with an answer and one line."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0
        started = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            tell_fault("fault", error, request_id=request_id, route=_route(scope))
            if status:  # the answer has begun; a cut connection is all that can still tell of the fault
                raise
            await unexpected().response(scope)(scope, receive, noting)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        self._metrics.count_request(scope["method"], route, status, seconds)
        quiet = status < 400 and route in {"/v1/health", "/v1/ready", "/metrics"}
        tell(
            "request",
            logging.DEBUG if quiet else logging.INFO,
            request_id=scope["state"]["request_id"],
            method=scope["method"],
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            **scope["state"].get("log", {}),
        )


def _request_id(scope: Scope) -> str:
    """The client's own id where it is harmless, so that logs of several services can be joined; else one that is
    unlikely twice, which is all that it must be."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else f"{random.getrandbits(128):032x}"


def _route(scope: Scope) -> str:
    """The pattern, not the path: paths hold ids, and a metric must not grow a series for each."""
    return str(getattr(scope.get("route"), "path", _UNMATCHED))
