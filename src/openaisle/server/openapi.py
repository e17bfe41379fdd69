"""The description of the API at /openapi.json: FastAPI's, with this service's own shape of errors."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from openaisle.server.schemas.events import EventDocument
from openaisle.server.schemas.problem import ProblemDocument
from openaisle.server.schemas.product import ProductDocument

_REF = "#/components/schemas/{model}"
_UNUSED = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Let `app` describe itself; made once, at the first request for it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents


def _described(app: FastAPI) -> dict[str, Any]:
    description = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        license_info=app.license_info,
        routes=app.routes,
    )
    schemas = description["components"]["schemas"]
    for model in (ProblemDocument, ProductDocument, EventDocument):
        schema = model.model_json_schema(ref_template=_REF)
        schemas |= schema.pop("$defs", {})
        schemas[schema["title"]] = schema
    for name in _UNUSED:
        schemas.pop(name, None)
    return _titled(description)


def _titled(description: dict[str, Any]) -> dict[str, Any]:
    """Bodies by the names that users know, not by those of the classes that shape them."""
    schemas = description["components"]["schemas"]
    titles = {name: str(schema.get("title", name)) for name, schema in schemas.items()}
    description["components"]["schemas"] = {titles[name]: schema for name, schema in schemas.items()}
    text = orjson.dumps(description).decode()
    for name, title in titles.items():
        text = text.replace(f'"{_REF.format(model=name)}"', f'"{_REF.format(model=title)}"')
    named: dict[str, Any] = orjson.loads(text)
    return named
