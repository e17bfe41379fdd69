"""Takes a file of events into the log: read, check, store, a batch at a time, in bounded memory."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import orjson

from openaisle.errors import EventsError
from openaisle.events import formats
from openaisle.events.batching import batches
from openaisle.events.bots import mark_of_agent
from openaisle.events.event import Event
from openaisle.events.formats.format import Format, Passed
from openaisle.events.lines import Line, Lines
from openaisle.events.log import BATCH, Appended, EventLog, now_ms
from openaisle.events.problems import Problem, Unfit
from openaisle.events.rejects import Rejects
from openaisle.events.validation import problem_of

_SAMPLE = 100
"""Lines that are looked at for the format."""
_NO_OBJECT = Problem("", "it is not a JSON object", "Write each event as one JSON object on a line of its own.")
_TOO_LONG = Problem("", "the line has more than a megabyte", "Split the record.")


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """What is stored for good. `read` and `size` are bytes of the file."""

    lines: int
    appended: Appended
    rejected: int
    read: int
    size: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`passed` counts records that are no events of a shop, by name. `rejects` is the file of what was refused.
    `damage` says whether the file broke off before its end."""

    format: str
    lines: int
    appended: Appended
    rejected: int
    passed: Mapping[str, int]
    rejects: Path | None
    damage: str | None
    seconds: float


def import_events(
    log: EventLog,
    path: Path,
    *,
    format: str | None = None,
    rejects_path: Path | None = None,
    progress: Callable[[ImportProgress], None] | None = None,
) -> ImportResult:
    """Bring the events of the file at `path` into the log; the format is told by the content if it is not named.

    Every batch is committed before `progress` hears of it, and importing a file again stores nothing twice. Raises
    `EventsError` when the file as a whole cannot be read, and `StorageError`; what was committed before stays.
    """
    started = time.monotonic()
    with Lines(path) as lines, Rejects(rejects_path) as rejects:
        source = iter(lines)
        sample = list(islice(source, _SAMPLE))
        intake = _Intake(log, _format(format, sample, path), rejects)
        for batch in batches(chain(sample, source), BATCH):
            intake.take(batch)
            if progress is not None:
                progress(ImportProgress(intake.lines, intake.appended, rejects.count, lines.position, lines.size))
        log.judge()
        return ImportResult(
            intake.format.name,
            intake.lines,
            intake.appended,
            rejects.count,
            dict(intake.passed.most_common()),
            rejects.path,
            lines.damage,
            round(time.monotonic() - started, 3),
        )


class _Intake:
    """One import under way."""

    def __init__(self, log: EventLog, format_: Format, rejects: Rejects) -> None:
        self._log = log
        self._rejects = rejects
        self.format = format_
        self.lines = 0
        self.appended = Appended()
        self.passed = Counter[str]()

    def take(self, lines: list[Line]) -> None:
        """Check a batch and commit its good events."""
        now = now_ms()
        good: list[tuple[Event, str]] = []
        for line in lines:
            self.lines += 1
            try:
                good += self._events(line, now)
            except Unfit as unfit:
                self._rejects.write(line.number, unfit.problem, line.text)
            except Passed as passed:
                self.passed[passed.name] += 1
        self._rejects.flush()
        for part in batches(good, BATCH):
            self.appended += self._log.store(part)

    def _events(self, line: Line, now: int) -> list[tuple[Event, str]]:
        """The events of a line with their marks. All of them are good, or the line is refused."""
        reading = self.format.read(record_of(line))
        for event in reading.events:
            if problem := problem_of(event, now):
                raise Unfit(problem.field, problem.reason, problem.mend)
        mark = mark_of_agent(reading.agent)
        return [(event, mark) for event in reading.events]


def record_of(line: Line) -> Mapping[str, Any]:
    """The JSON object of a line. Raises `Unfit`."""
    if line.text is None:
        raise Unfit(_TOO_LONG.field, _TOO_LONG.reason, _TOO_LONG.mend)
    try:
        record = orjson.loads(line.text)
    except orjson.JSONDecodeError as error:
        raise Unfit("", f"it is not valid JSON ({error})"[:200], _NO_OBJECT.mend) from None
    if not isinstance(record, dict):
        raise Unfit(_NO_OBJECT.field, _NO_OBJECT.reason, _NO_OBJECT.mend)
    return record


def _format(name: str | None, sample: Iterable[Line], path: Path) -> Format:
    if name is not None:
        return formats.named(name)
    if not sample:
        raise EventsError(f"{path} holds no events.", "Give a file with one JSON object a line.")
    return formats.detect(_records(sample))


def _records(lines: Iterable[Line]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        try:
            yield record_of(line)
        except Unfit:
            continue
