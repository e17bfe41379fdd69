"""Long work, one at a time beside the requests, each known as a task from its beginning to its end."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from openaisle.errors import OpenAisleError
from openaisle.server.logs import tell, tell_fault
from openaisle.storage.tasks import Task, Tasks, TaskStatus

Tell = Callable[[str, int, int | None], None]
"""Told the stage, how much of it is done and how much there is (None while not known)."""

Work = Callable[[Tell], Mapping[str, Any]]
"""Does the work, tells its progress, returns its result."""

_SECONDS_BETWEEN_REPORTS = 1.0
_STOPPED = {
    "type": "Interrupted",
    "title": "The service stopped",
    "detail": "The service stopped before the task was done.",
    "mend": "Start the task again; what was acknowledged is kept.",
}


class _Stopping(Exception):
    pass


class Worker:
    """Runs tasks in the order they came. `stop` ends the running one at its next report of progress."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._stopping = Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="openaisle-task")

    def submit(self, kind: str, asked: Mapping[str, Any], work: Work) -> Task:
        """A new task that will do `work`; `asked` is what its detail says of the request."""
        task = self._tasks.create(kind, {"request": dict(asked), "process": _process()})
        self._pool.submit(self._run, task, work)
        return task

    def fail_orphans(self) -> None:
        """Mark what a process of this machine left undone when it was killed; tasks of living ones are not touched."""
        for status in (TaskStatus.QUEUED, TaskStatus.RUNNING):
            for task in self._tasks.list(status):
                if _is_gone(task.detail.get("process", {})):
                    self._tasks.start(task.id)
                    self._fail(task, task.detail, _STOPPED)

    def stop(self) -> None:
        """End well: the running task is told, those that wait are marked as not done."""
        self._stopping.set()
        self._pool.shutdown(wait=True)

    def _run(self, task: Task, work: Work) -> None:
        try:
            if self._tasks.start(task.id):
                self._do(task, work)
        except OpenAisleError as error:  # the store itself fails: nothing is left to note it in but the log
            tell_fault("task lost", error, task=task.id, kind=task.kind)

    def _do(self, task: Task, work: Work) -> None:
        detail = dict(task.detail)
        try:
            if self._stopping.is_set():
                raise _Stopping
            result = work(self._reporter(task.id, detail))
        except _Stopping:
            self._fail(task, detail, _STOPPED)
        except OpenAisleError as error:
            self._fail(task, detail, error.as_dict())
        except Exception as error:
            tell_fault("fault", error, task=task.id, kind=task.kind)
            self._fail(task, detail, _fault())
        else:
            self._tasks.succeed(task.id, {**detail, "result": dict(result)})
            tell("task", task=task.id, kind=task.kind, status="succeeded")

    def _fail(self, task: Task, detail: Mapping[str, Any], error: Mapping[str, str]) -> None:
        self._tasks.fail(task.id, {**detail, "error": dict(error)})
        tell("task", task=task.id, kind=task.kind, status="failed", error=error["type"])

    def _reporter(self, task_id: str, detail: dict[str, Any]) -> Tell:
        last = 0.0

        def report(stage: str, done: int, total: int | None) -> None:
            nonlocal last
            if self._stopping.is_set():
                raise _Stopping
            detail["progress"] = {"stage": stage, "done": done, "total": total}
            if time.monotonic() - last >= _SECONDS_BETWEEN_REPORTS:
                last = time.monotonic()
                self._tasks.report(task_id, detail)

        return report


def _process() -> dict[str, str | int]:
    return {"host": socket.gethostname(), "pid": os.getpid()}


def _is_gone(process: Mapping[str, Any]) -> bool:
    """Whether it ran on this machine and runs no more; of other machines nothing is known."""
    if process.get("host") != socket.gethostname():
        return False
    try:
        os.kill(int(process["pid"]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _fault() -> dict[str, str]:
    return {
        "type": "InternalError",
        "title": "OpenAisle met a fault of its own",
        "detail": "The task could not be done.",
        "mend": "Look for the task's id in the service's log, and report the fault.",
    }
