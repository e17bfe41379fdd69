"""JSON bodies by a strict parser: no NaN, no halves of characters, no nesting that exhausts the stack."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute


class JsonRequest(Request):
    """A request whose `json` raises `json.JSONDecodeError` for all that is not JSON by RFC 8259."""

    async def json(self) -> Any:
        return orjson.loads(await self.body())


class JsonRoute(APIRoute):
    """A route that reads bodies with `JsonRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handler(JsonRequest(request.scope, request.receive))

        return strictly
