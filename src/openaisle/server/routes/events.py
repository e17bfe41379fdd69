"""/v1/events: what shoppers did. An event is stored when the request is answered."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from openaisle.events.log import Appended
from openaisle.events.writes import Outcome
from openaisle.server.access import MayWrite
from openaisle.server.answers import answer
from openaisle.server.records import JSON, LINES
from openaisle.server.schemas.events import EXAMPLE, EventsTaken
from openaisle.server.schemas.problem import problems
from openaisle.server.sent_events import Refused, Sent, SentEvents, split
from openaisle.server.service import Service, TheService
from openaisle.server.strict_route import StrictRoute

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=StrictRoute)

_EVENT = {"$ref": "#/components/schemas/Event"}
_FEW = 50
"""Events that are checked at once; more would keep other requests waiting, and are checked in a thread."""
_MAX_REJECTS = 1000

_BODY: dict[str, Any] = {
    JSON: {
        "schema": {"oneOf": [_EVENT, {"type": "array", "items": _EVENT}]},
        "examples": {"one": {"value": EXAMPLE}, "many": {"value": [EXAMPLE]}},
    },
    LINES[0]: {"schema": {"type": "string", "description": "One JSON object a line."}},
}


@router.post(
    "",
    summary="Record events",
    response_model=None,
    responses={200: {"model": EventsTaken}, **problems(400, 413, 415, 422)},
    openapi_extra={"requestBody": {"required": True, "content": _BODY}},
    dependencies=[MayWrite],
)
async def record(service: TheService, sent: SentEvents) -> Response:
    """One event, or many; bad ones among many are told in `rejects` and never stop good ones.

    An event whose id is known is not stored again, so that a request may be repeated until it is answered.
    """
    if len(sent.records) <= _FEW:
        done, refused = _begun(service, sent)
    else:
        done, refused = await run_in_threadpool(_begun, service, sent)
    outcomes: list[Outcome] = await asyncio.wrap_future(done)
    appended = Appended.of(outcomes)
    return answer(
        {
            "accepted": appended.accepted,
            "repeated": appended.repeated,
            "unknown": appended.unknown,
            "withheld": appended.withheld,
            "rejected": len(refused),
            "rejects": [each.as_dict() for each in refused[:_MAX_REJECTS]],
        }
    )


def _begun(service: Service, sent: Sent) -> tuple[Future[list[Outcome]], list[Refused]]:
    good, refused = split(sent)
    return service.shop.events.send(good), refused
