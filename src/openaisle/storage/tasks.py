"""Work that takes a while (an ingest, a reindex), so that a client can ask how it goes and how it ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Engine, Row, delete, insert, select, update

from openaisle.storage.engine import reading, writing
from openaisle.storage.moments import in_utc, moment_in_utc, now
from openaisle.storage.tables import tasks


class TaskStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Task:
    """`detail` is free JSON: what was asked, the progress so far, the result or the error."""

    id: str
    kind: str
    status: TaskStatus
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    detail: Mapping[str, Any]


class Tasks:
    """The tasks of one shop. Methods raise `StorageError` when the database refuses."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, kind: str, detail: Mapping[str, Any] | None = None) -> Task:
        """A queued task with a new id."""
        task = Task(uuid.uuid4().hex, kind, TaskStatus.QUEUED, now(), None, None, dict(detail or {}))
        with writing(self._engine) as connection:
            connection.execute(
                insert(tasks).values(
                    id=task.id,
                    kind=kind,
                    status=task.status.value,
                    created_at=task.created_at,
                    detail=_encoded(task.detail),
                )
            )
        return task

    def start(self, id_: str) -> bool:
        """Take a queued task; False when it is not queued any more (another worker has it)."""
        return self._move(id_, TaskStatus.QUEUED, status=TaskStatus.RUNNING.value, started_at=now())

    def report(self, id_: str, detail: Mapping[str, Any]) -> bool:
        """Replace the detail of a running task; False when it is not running."""
        return self._move(id_, TaskStatus.RUNNING, detail=_encoded(detail))

    def succeed(self, id_: str, detail: Mapping[str, Any]) -> bool:
        """End a running task well."""
        return self._end(id_, TaskStatus.SUCCEEDED, detail)

    def fail(self, id_: str, detail: Mapping[str, Any]) -> bool:
        """End a running task badly."""
        return self._end(id_, TaskStatus.FAILED, detail)

    def get(self, id_: str) -> Task | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(tasks).where(tasks.c.id == id_)).one_or_none()
        return None if row is None else _task(row)

    def list(self, status: TaskStatus | None = None, limit: int = 100) -> tuple[Task, ...]:
        """The newest tasks first."""
        query = select(tasks).order_by(tasks.c.created_at.desc(), tasks.c.id).limit(limit)
        if status is not None:
            query = query.where(tasks.c.status == status.value)
        with reading(self._engine) as connection:
            return tuple(_task(row) for row in connection.execute(query))

    def fail_abandoned(self, reason: str) -> int:
        """Fail tasks that a process now gone left open; for the only worker to call at its start."""
        open_ones = tasks.c.status.in_([TaskStatus.QUEUED.value, TaskStatus.RUNNING.value])
        values = {"status": TaskStatus.FAILED.value, "finished_at": now(), "detail": _encoded({"error": reason})}
        with writing(self._engine) as connection:
            return connection.execute(update(tasks).where(open_ones).values(values)).rowcount

    def forget_before(self, moment: datetime) -> int:
        """Delete tasks that ended before `moment`; returns how many."""
        with writing(self._engine) as connection:
            return connection.execute(delete(tasks).where(tasks.c.finished_at < moment_in_utc(moment))).rowcount

    def _end(self, id_: str, status: TaskStatus, detail: Mapping[str, Any]) -> bool:
        return self._move(id_, TaskStatus.RUNNING, status=status.value, finished_at=now(), detail=_encoded(detail))

    def _move(self, id_: str, expected: TaskStatus, **values: object) -> bool:
        change = update(tasks).where(tasks.c.id == id_, tasks.c.status == expected.value).values(**values)
        with writing(self._engine) as connection:
            return connection.execute(change).rowcount == 1


def _encoded(detail: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(detail), default=str).decode()


def _task(row: Row[Any]) -> Task:
    return Task(
        row.id,
        row.kind,
        TaskStatus(row.status),
        moment_in_utc(row.created_at),
        in_utc(row.started_at),
        in_utc(row.finished_at),
        orjson.loads(row.detail),
    )
