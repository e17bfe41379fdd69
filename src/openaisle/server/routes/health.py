"""Is it alive, can it answer, and how is it doing: for those who run the service."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from openaisle import __version__
from openaisle.errors import OpenAisleError
from openaisle.search.request import SearchRequest
from openaisle.server.access import MayAnything
from openaisle.server.answers import answer
from openaisle.server.schemas.problem import problems
from openaisle.server.service import TheService
from openaisle.server.state import state_metrics

_PROBE = SearchRequest("", limit=1)
"""Browsing takes index and store, and is refused when the index does not fit the settings."""

router = APIRouter(tags=["service"])


class Health(BaseModel):
    """The process answers."""

    status: str = Field(examples=["ok"])
    version: str


class Readiness(BaseModel):
    """Whether searches can be answered."""

    ready: bool
    generation: str | None = Field(description="The index that answers.")
    encoder: str | None = Field(description="The model that it was built with; null when words alone count.")
    reason: str | None = Field(description="Why it is not ready.")


@router.get("/v1/health", summary="Liveness", response_model=None, responses={200: {"model": Health}})
async def health() -> Response:
    """Needs no key and touches no disk."""
    return answer({"status": "ok", "version": __version__})


@router.get(
    "/v1/ready",
    summary="Readiness",
    response_model=None,
    responses={200: {"model": Readiness}, 503: {"model": Readiness, "description": "Not ready."}},
)
def ready(service: TheService) -> Response:
    """Needs no key; 503 while the store or the index cannot be read."""
    try:
        status = service.shop.status()
        service.shop.search(_PROBE)
    except OpenAisleError as error:
        return answer({"ready": False, "generation": None, "encoder": None, "reason": error.title}, 503)
    body = {"ready": True, "generation": status.generation, "encoder": status.encoder or None, "reason": None}
    return answer(body)


@router.get(
    "/metrics",
    summary="Metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus' text format."}, **problems()},
    dependencies=[MayAnything],
)
def metrics(service: TheService) -> Response:
    """For Prometheus. Any key will do."""
    exposition = service.metrics.exposition(lambda: state_metrics(service.shop))
    return Response(exposition, media_type=CONTENT_TYPE_LATEST)
