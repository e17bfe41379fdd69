"""/v1/tasks: work that takes a while, started here and watched here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from openaisle.catalog.progress import IngestResult
from openaisle.errors import TaskNotFound
from openaisle.server.access import MayAdminister, MayWrite, allowed
from openaisle.server.answers import answer
from openaisle.server.schemas.problem import problems
from openaisle.server.schemas.task import TaskDocument, TaskList, task_body
from openaisle.server.service import TheService
from openaisle.server.strict_route import StrictRoute
from openaisle.server.uploads import UploadedFeed
from openaisle.server.worker import Tell
from openaisle.storage.tasks import Task, TaskStatus

router = APIRouter(prefix="/v1/tasks", tags=["tasks"], route_class=StrictRoute)

_MayWatch = Depends(allowed("write", "admin"))
_FEED = {
    "requestBody": {
        "required": True,
        "description": "The feed's bytes, gzipped or not: CSV, TSV, JSON Lines, JSON-LD, XML, Parquet.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/reindex",
    summary="Build the index anew",
    status_code=202,
    response_model=None,
    responses={202: {"model": TaskDocument}, **problems(409)},
    dependencies=[MayAdminister],
)
def reindex(service: TheService) -> Response:
    """A new generation from the whole catalogue; the live one answers until it is ready."""

    def work(tell: Tell) -> Mapping[str, Any]:
        return asdict(service.shop.reindex(progress=tell))

    return _accepted(service.worker.submit("reindex", {}, work))


@router.post(
    "/ingest",
    summary="Ingest a feed",
    status_code=202,
    response_model=None,
    responses={202: {"model": TaskDocument}, **problems(400, 413, 422)},
    openapi_extra=_FEED,
    dependencies=[MayWrite],
)
def ingest(
    service: TheService,
    feed: UploadedFeed,
    format: Annotated[str | None, Query(max_length=40, description="Told by the content when left out.")] = None,
    encoding: Annotated[str | None, Query(max_length=40, description="Such as gb18030.")] = None,
    sync: Annotated[bool, Query(description="The feed is complete: products that it does not name retire.")] = False,
) -> Response:
    """The body is the feed itself. Rejected rows are in the file that the result names as `rejects`."""
    asked = {"bytes": feed.stat().st_size, "format": format, "encoding": encoding, "sync": sync}

    def work(tell: Tell) -> Mapping[str, Any]:
        try:
            done = service.shop.ingest(feed, format=format, encoding=encoding, sync=sync, progress=tell)
            return _ingested(done)
        finally:
            feed.unlink(missing_ok=True)

    return _accepted(service.worker.submit("ingest", asked, work))


@router.get(
    "",
    summary="Tasks, the newest first",
    response_model=None,
    responses={200: {"model": TaskList}, **problems(422)},
    dependencies=[_MayWatch],
)
def show_all(
    service: TheService,
    status: TaskStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    return answer({"tasks": [task_body(task) for task in service.shop.tasks.list(status, limit)]})


@router.get(
    "/{id}",
    summary="One task",
    response_model=None,
    responses={200: {"model": TaskDocument}, **problems(404, 422)},
    dependencies=[_MayWatch],
)
def show(service: TheService, id: Annotated[str, Path(max_length=64)]) -> Response:
    task = service.shop.tasks.get(id)
    if task is None:
        raise TaskNotFound(f"No task has the id {id!r}.", "See GET /v1/tasks for those there are.")
    return answer(task_body(task))


def _ingested(done: IngestResult) -> dict[str, Any]:
    return {
        "format": done.format,
        "accepted": done.accepted,
        "unchanged": done.unchanged,
        "rejected": done.rejected,
        "retired": done.retired,
        "rejects": str(done.rejects) if done.rejects else None,
        "seconds": done.seconds,
    }


def _accepted(task: Task) -> Response:
    return answer(task_body(task), 202, {"Location": f"/v1/tasks/{task.id}"})
