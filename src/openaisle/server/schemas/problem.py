"""The shape of an error (RFC 9457)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from openaisle.server.problems import MEDIA_TYPE, TYPE_PREFIX


class WrongPart(BaseModel):
    """A part of the request that is wrong."""

    where: str = Field(description="JSON pointer into the body, or the kind and name of a parameter.")
    detail: str


class ProblemDocument(BaseModel):
    """What is wrong and what to do about it."""

    model_config = ConfigDict(
        title="Problem",
        json_schema_extra={
            "examples": [
                {
                    "type": f"{TYPE_PREFIX}FilterSyntaxError",
                    "title": "The filter does not parse",
                    "status": 400,
                    "detail": "A value is missing after `<` at character 8.",
                    "mend": "Write for example price < 50.",
                    "request_id": "6f9619ff8b86d011b42d00c04fc964ff",
                }
            ]
        },
    )

    type: str = Field(description="Stable name of the kind of problem.")
    title: str
    status: int
    detail: str = Field(description="What happened this time.")
    mend: str = Field(description="What to do about it.")
    request_id: str = Field(description="Also in the log of the service.")
    errors: list[WrongPart] | None = None


_MEANINGS = {
    400: "The request is not valid.",
    401: "A valid key is needed.",
    403: "The key's scope does not allow this.",
    404: "There is no such thing.",
    409: "Another process is writing, or a guard holds the work back.",
    413: "The body is too large.",
    415: "The body has the wrong type.",
    422: "A part of the request is not valid.",
    429: "Too many requests.",
    503: "The store or the index cannot be used now.",
}

_ALWAYS = (401, 403, 429, 503)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: the statuses it may end with besides those that every route may."""
    return {status: _response(_MEANINGS[status]) for status in sorted({*_ALWAYS, *statuses})}


def _response(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
