"""Routes that take nothing for granted: a misspelt parameter is told, not passed over, and JSON is JSON."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute


class StrictRequest(Request):
    """A request whose `json` raises `json.JSONDecodeError` for all that is not JSON by RFC 8259.

    No NaN, no halves of characters, no nesting that exhausts the stack.
    """

    async def json(self) -> Any:
        return orjson.loads(await self.body())


class StrictRoute(APIRoute):
    """A route that reads bodies strictly and refuses query parameters that it does not know."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        known = {parameter.alias for parameter in self.dependant.query_params}

        async def strictly(request: Request) -> Response:
            unknown = [name for name in request.query_params if name not in known]
            if unknown:
                raise RequestValidationError([_unknown(name) for name in unknown])
            return await handler(StrictRequest(request.scope, request.receive))

        return strictly


def _unknown(name: str) -> dict[str, Any]:
    return {"type": "extra_forbidden", "loc": ("query", name[:80]), "msg": "There is no such parameter", "input": None}
