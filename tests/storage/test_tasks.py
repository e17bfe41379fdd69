from datetime import UTC, datetime, timedelta

import pytest

from openaisle.storage.tasks import Tasks, TaskStatus


@pytest.fixture
def tasks(engine):
    return Tasks(engine)


def test_a_task_goes_from_queued_to_succeeded(tasks):
    task = tasks.create("ingest", {"path": "feed.csv"})
    assert tasks.get(task.id) == task
    assert tasks.start(task.id)
    assert tasks.report(task.id, {"rows": 1000})
    assert tasks.succeed(task.id, {"accepted": 1000})
    ended = tasks.get(task.id)
    assert ended.status is TaskStatus.SUCCEEDED
    assert ended.detail == {"accepted": 1000}
    assert ended.created_at <= ended.started_at <= ended.finished_at
    assert ended.finished_at.tzinfo is not None


def test_only_one_worker_starts_a_task(tasks):
    task = tasks.create("reindex")
    assert tasks.start(task.id)
    assert not tasks.start(task.id)


def test_an_ended_task_cannot_be_changed(tasks):
    task = tasks.create("reindex")
    assert not tasks.report(task.id, {})
    tasks.start(task.id)
    tasks.fail(task.id, {"error": "no"})
    assert not tasks.succeed(task.id, {})
    assert not tasks.report(task.id, {})
    assert tasks.get(task.id).status is TaskStatus.FAILED


def test_listing_is_newest_first_and_by_status(tasks):
    ids = [tasks.create("ingest").id for _ in range(3)]
    tasks.start(ids[1])
    assert [task.id for task in tasks.list()] == ids[::-1]
    assert [task.id for task in tasks.list(status=TaskStatus.RUNNING)] == [ids[1]]
    assert len(tasks.list(limit=2)) == 2


def test_abandoned_tasks_fail_and_old_ones_are_forgotten(tasks):
    running, queued, done = (tasks.create("ingest").id for _ in range(3))
    tasks.start(running)
    tasks.start(done)
    tasks.succeed(done, {})
    assert tasks.fail_abandoned("the process ended") == 2
    assert tasks.get(queued).detail == {"error": "the process ended"}
    assert tasks.forget_before(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert tasks.forget_before(datetime.now(UTC) + timedelta(hours=1)) == 3
    assert tasks.get(running) is None


def test_an_unknown_task_is_none(tasks):
    assert tasks.get("nothing") is None
