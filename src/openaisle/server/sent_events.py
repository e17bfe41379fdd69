"""Events in a body: one JSON object, an array of them, or one a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from openaisle.errors import BodyNotReadable, InvalidEvent, UnsupportedMediaType
from openaisle.events.bots import mark_of_agent
from openaisle.events.event import Event
from openaisle.events.formats import own
from openaisle.events.log import now_ms
from openaisle.events.problems import Problem, Unfit
from openaisle.events.validation import problem_of
from openaisle.server.records import JSON, LINES, Record, lines_of, media_type, parsed


@dataclass(frozen=True, slots=True)
class Sent:
    """What one request sent; `alone` if it was one event and no list, so that a fault in it is the request's."""

    records: Sequence[Record]
    alone: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is no event, and why."""

    record: Record
    problem: Problem

    def as_dict(self) -> dict[str, Any]:
        told = {"field": self.problem.field, "reason": self.problem.reason, "mend": self.problem.mend}
        return {"row": self.record.row, "id": self.record.id, **told}


async def _sent(request: Request) -> Sent:
    kind = media_type(request)
    if kind in LINES:
        return Sent(lines_of(await request.body()), alone=False)
    if kind != JSON:
        raise UnsupportedMediaType(
            f"The body is of type {kind[:80] or 'none'}.", f"Send Content-Type: {JSON} or {LINES[0]}."
        )
    body = parsed(await request.body())
    if isinstance(body, dict):
        return Sent([Record(0, body)], alone=True)
    if not isinstance(body, list):
        raise BodyNotReadable("The body is neither a JSON object nor an array.", "Send an event, or an array of them.")
    return Sent([Record(row, item if isinstance(item, dict) else None) for row, item in enumerate(body)], alone=False)


SentEvents = Annotated[Sent, Depends(_sent)]
"""The events of a request. Raises `BodyNotReadable` or `UnsupportedMediaType`."""


def split(sent: Sent) -> tuple[list[tuple[Event, str]], list[Refused]]:
    """The good events with their marks, and what is wrong with the others. Raises `InvalidEvent` for one sent alone."""
    now = now_ms()
    good: list[tuple[Event, str]] = []
    refused: list[Refused] = []
    for record in sent.records:
        try:
            good.append(_event(record, now))
        except Unfit as unfit:
            refused.append(Refused(record, unfit.problem))
    if sent.alone and refused:
        problem = refused[0].problem
        where = f"{problem.field}: " if problem.field else ""
        raise InvalidEvent(f"The event cannot be stored ({where}{problem.reason}).", problem.mend)
    return good, refused


def _event(record: Record, now: int) -> tuple[Event, str]:
    """The event; without a time of its own it happens now."""
    if record.fields is None:
        raise Unfit("", "it is not a JSON object", "Write each event as one JSON object.")
    reading = own.read(record.fields if record.fields.get("time") is not None else {**record.fields, "time": now})
    (event,) = reading.events
    if problem := problem_of(event, now):
        raise Unfit(problem.field, problem.reason, problem.mend)
    return event, mark_of_agent(reading.agent)
