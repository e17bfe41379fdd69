"""Every error as a problem document (RFC 9457): what is wrong and what to do, nothing of the program's inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from openaisle.errors import BodyNotReadable, OpenAisleError, TooManyRequests, Unauthorized

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:openaisle:problem:"
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document; `errors` point at the parts of a request that are wrong."""

    status: int
    type: str
    title: str
    detail: str
    mend: str
    errors: tuple[Mapping[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, scope: Scope) -> Response:
        body: dict[str, Any] = {
            "type": TYPE_PREFIX + self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "mend": self.mend,
            "request_id": scope.get("state", {}).get("request_id", ""),
        }
        if self.errors:
            body["errors"] = list(self.errors)
        return Response(encoded(body), self.status, dict(self.headers), MEDIA_TYPE)


def encoded(body: Any) -> bytes:
    """JSON, even of text that holds halves of characters (a client can send them inside JSON escapes)."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return orjson.dumps(_mended(body))


def problem_of(error: OpenAisleError) -> Problem:
    headers = {}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = "60"
    return Problem(error.http_status, error.type, error.title, error.detail, error.mend, headers=headers)


def unexpected() -> Problem:
    """What a client learns of a fault in the program: nothing but where to look for it."""
    return Problem(
        500,
        "InternalError",
        "OpenAisle met a fault of its own",
        "The request could not be answered.",
        "Look for the request_id in the service's log, and report the fault.",
    )


def install(app: FastAPI) -> None:
    """Answer every error that a route raises with a problem document."""

    @app.exception_handler(OpenAisleError)
    async def known(request: Request, error: OpenAisleError) -> Response:
        request.state.error = error
        return problem_of(error).response(request.scope)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return _invalid(error.errors()).response(request.scope)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return _refused(error, request).response(request.scope)


def _invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    if any(error["type"] == "json_invalid" for error in errors):
        return problem_of(BodyNotReadable("The body is not valid JSON.", "Send one JSON value in UTF-8."))
    told = tuple({"where": _where(error["loc"]), "detail": str(error["msg"])} for error in errors[:20])
    first = told[0]
    return Problem(
        422,
        "InvalidRequest",
        "The request is not valid",
        f"{first['where']}: {first['detail']}.",
        "Correct what `errors` names; the API is described at /openapi.json.",
        told,
    )


def _where(place: Sequence[str | int]) -> str:
    """`body` parts as a JSON pointer (`#/limit`), others by their kind (`query limit`)."""
    kind, *path = map(str, place)
    return "#/" + "/".join(path) if kind == "body" else " ".join([kind, *path])


def _refused(error: HTTPException, request: Request) -> Problem:
    if error.status_code == 404:
        return Problem(
            404,
            "NoSuchAddress",
            "Nothing is here",
            f"There is no {request.url.path[:200]}.",
            "See /openapi.json for what there is.",
        )
    if error.status_code == 405:
        allowed = ", ".join(_methods(request.app.routes, request.scope)) or (error.headers or {}).get("Allow", "")
        return Problem(
            405,
            "MethodNotAllowed",
            "The method is not allowed here",
            f"{request.url.path[:200]} does not take {request.method[:20]}.",
            f"Use {allowed}.",
            headers={"Allow": allowed},
        )
    phrase = HTTPStatus(error.status_code).phrase
    return Problem(
        error.status_code,
        phrase.replace(" ", ""),
        phrase,
        f"{str(error.detail).rstrip('.')}.",
        "Correct the request; the API is described at /openapi.json.",
        headers=error.headers or {},
    )


def _methods(routes: Sequence[BaseRoute], scope: Scope) -> list[str]:
    """Every method that some route takes at this path; one route alone knows its own only."""
    return [
        method
        for method in _METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    ]


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_mended(name): _mended(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(item) for item in value]
    return value
