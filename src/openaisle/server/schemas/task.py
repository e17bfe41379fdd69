"""The shape of a task."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from openaisle.storage.tasks import Task, TaskStatus

_EXAMPLE: dict[str, Any] = {
    "id": "0f8fad5bd9cb469fa165708677289501",
    "kind": "reindex",
    "status": "succeeded",
    "created_at": "2026-01-05T10:00:00Z",
    "started_at": "2026-01-05T10:00:00Z",
    "finished_at": "2026-01-05T10:02:11Z",
    "detail": {"request": {}, "result": {"documents": 12000}},
}


class TaskDocument(BaseModel):
    """Work that takes a while. Its `detail` has the `request`, then `progress`, in the end `result` or `error`."""

    model_config = ConfigDict(title="Task", json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    kind: str = Field(description="reindex or ingest.")
    status: TaskStatus
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    detail: dict[str, Any]


class TaskList(BaseModel):
    """The newest tasks first."""

    tasks: list[TaskDocument]


def task_body(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "kind": task.kind,
        "status": task.status.value,
        "created_at": task.created_at,
        "started_at": task.started_at,
        "finished_at": task.finished_at,
        "detail": dict(task.detail),
    }
