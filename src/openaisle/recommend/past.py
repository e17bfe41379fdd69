"""What shoppers did up to now, read from the log and kept for a moment."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from openaisle.events.event import Event
from openaisle.recommend.visits import REMEMBERED

_SHOPPERS = 10_000
_SECONDS = 60.0
"""How long a shopper's events are kept beside the log: erased ones are forgotten within this time."""

Since = Callable[[str, int], Iterable[tuple[int, Event]]]
"""A shopper, and the number of the last event that is known → newer events with their numbers."""


@dataclass(frozen=True, slots=True)
class _Known:
    last: int
    events: tuple[Event, ...]
    begun: float


class Past:
    """Safe for many threads. Newer events are read at every call, older ones once in a while."""

    def __init__(self, since: Since) -> None:
        self._since = since
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._changing = threading.Lock()

    def of(self, shopper: str) -> Sequence[Event]:
        """The newest of what a shopper, as the shop knows them, did with products."""
        now = time.monotonic()
        known = self._known.get(shopper)
        if known is None or now - known.begun > _SECONDS:
            known = _Known(0, (), now)
        newer = list(self._since(shopper, known.last))
        if newer:
            events = (*known.events, *(event for _, event in newer))
            known = _Known(newer[-1][0], events[-REMEMBERED:], known.begun)
        with self._changing:
            self._known[shopper] = known
            self._known.move_to_end(shopper)
            while len(self._known) > _SHOPPERS:
                self._known.popitem(last=False)
        return known.events
