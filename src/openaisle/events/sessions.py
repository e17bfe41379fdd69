"""Visits: what belongs together because one shopper did it in one go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from openaisle.events.event import Event

PAUSE_MS = 30 * 60_000
"""Inactivity after which a visit has ended, as web analytics counts it."""


@dataclass(frozen=True, slots=True)
class Session:
    """One visit. `events` are in order of time and at least one; `shopper` and `id` are pseudonyms, "" if unknown."""

    shopper: str
    id: str
    events: tuple[Event, ...]

    @property
    def start(self) -> int:
        """Milliseconds since 1970."""
        return self.events[0].time

    @property
    def end(self) -> int:
        return self.events[-1].time


def sessions(events: Iterable[Event], pause_ms: int = PAUSE_MS) -> Iterator[Session]:
    """Visits in order of their start, from events in any order, all of which are held in memory.

    A visit is what has one session id; events without one belong to visits of their shopper that end with a pause
    longer than `pause_ms`. Events with neither belong to nobody and are left out.
    """
    by_session: dict[str, list[Event]] = {}
    by_shopper: dict[str, list[Event]] = {}
    for event in events:
        if event.session:
            by_session.setdefault(event.session, []).append(event)
        elif event.shopper:
            by_shopper.setdefault(event.shopper, []).append(event)
    found = [_of_session(id_, own) for id_, own in by_session.items()]
    for shopper, own in by_shopper.items():
        found += (Session(shopper, "", visit) for visit in _visits(own, pause_ms))
    found.sort(key=attrgetter("start"))
    return iter(found)


def _of_session(id_: str, events: list[Event]) -> Session:
    """A shopper who signs in half-way is the shopper of the whole visit."""
    events.sort(key=attrgetter("time"))
    shopper = next((event.shopper for event in events if event.shopper), "")
    return Session(shopper, id_, tuple(events))


def _visits(events: list[Event], pause_ms: int) -> Iterator[tuple[Event, ...]]:
    events.sort(key=attrgetter("time"))
    visit: list[Event] = []
    for event in events:
        if visit and event.time - visit[-1].time > pause_ms:
            yield tuple(visit)
            visit = []
        visit.append(event)
    yield tuple(visit)
