"""The log of events: what was acknowledged is in it, once."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from openaisle.errors import InvalidEvent
from openaisle.events import erasure, judging, promotion, selection, writes
from openaisle.events.batching import batches
from openaisle.events.collector import Collector
from openaisle.events.event import Event, Kind
from openaisle.events.pseudonyms import Pseudonyms
from openaisle.events.rows import EVENT_COLUMNS, Row, as_event
from openaisle.events.selection import Among, Selection
from openaisle.events.summary import Summary, summarize
from openaisle.events.validation import problem_of
from openaisle.events.writes import Entry, Known, Outcome
from openaisle.storage import writing

if TYPE_CHECKING:
    import pyarrow

BATCH = 10_000
"""Events a transaction."""


@dataclass(frozen=True, slots=True)
class Appended:
    """`accepted` events are stored now, `unknown` of them kept apart until their product appears; `repeated` ones had
    been stored before; `withheld` ones are from before their shopper's events were erased."""

    accepted: int = 0
    repeated: int = 0
    unknown: int = 0
    withheld: int = 0

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Appended:
        apart = outcomes.count(Outcome.APART)
        return cls(
            outcomes.count(Outcome.STORED) + apart,
            outcomes.count(Outcome.REPEATED),
            apart,
            outcomes.count(Outcome.WITHHELD),
        )

    def __add__(self, other: Appended) -> Appended:
        return Appended(
            self.accepted + other.accepted,
            self.repeated + other.repeated,
            self.unknown + other.unknown,
            self.withheld + other.withheld,
        )


class EventLog:
    """The events of one shop. `known` tells which of some products the catalogue has; without it, it has all.

    Shoppers and sessions are given to `append` as the shop knows them and are stored as pseudonyms; `read` gives and
    takes pseudonyms. Safe to share between threads; several processes may use one log at once. Methods raise
    `StorageError` when the database refuses.
    """

    def __init__(self, database: Engine, known: Known = set) -> None:
        self._database = database
        self._known = known
        self._collector: Collector[Entry, Outcome] = Collector(self._written, self.judge)

    # Writing

    def append(self, events: Iterable[Event]) -> Appended:
        """Store events, a batch a transaction: an id that is there already is not stored again.

        Raises `InvalidEvent` for the first that is wrong, when those of the batches before are stored.
        """
        done = Appended()
        for batch in batches(events, BATCH):
            done += self.store([(event, "") for event in self._checked(batch)])
        return done

    def store(self, events: Sequence[tuple[Event, str]]) -> Appended:
        """Store good events with their marks (`bots.Mark`, or "") in one transaction."""
        return Appended.of(self._written(self._entries(events)))

    def send(self, events: Sequence[tuple[Event, str]]) -> Future[list[Outcome]]:
        """The same in a transaction with whatever others send at the moment; done once it is committed."""
        return self._collector.send(self._entries(events))

    def promote(self, products: Iterable[str] | None = None) -> int:
        """Take in the events of products, of any by default, that were unknown and are known now; returns how many."""
        return promotion.promote(self._database, self._known, products)

    def judge(self) -> int:
        """Mark what was stored since the last time and is no person's doing. `read` leaves it out from then on."""
        return judging.judge(self._database)

    def erase(self, shopper: str) -> int:
        """Delete what a shopper, as the shop knows them, did; returns how many events there were.

        Events from before this moment that are sent again are not stored.
        """
        with writing(self._database) as connection:
            return erasure.erase(connection, self.pseudonym(shopper), now_ms())

    def close(self) -> None:
        """Wait until everything that was sent is stored."""
        self._collector.close()

    # Reading

    def read(
        self,
        kinds: Collection[Kind] | None = None,
        *,
        since: int | None = None,
        until: int | None = None,
        shopper: str | None = None,
        after: int = 0,
        among: Among = Among.TRUSTED,
    ) -> Iterator[Event]:
        """Events in the order of storage, see `Selection`; by default those that may be learnt from."""
        return (event for _, event in self.numbered(Selection(kinds, since, until, shopper, after, among)))

    def numbered(self, wanted: Selection) -> Iterator[tuple[int, Event]]:
        """The same with their numbers. A caller that keeps the last and asks again from there misses nothing."""
        rows = selection.rows(self._database, f"seq, {EVENT_COLUMNS}", wanted)
        return ((row[0], as_event(row[1:])) for row in rows)

    def arrow(
        self,
        kinds: Collection[Kind] | None = None,
        *,
        since: int | None = None,
        until: int | None = None,
        shopper: str | None = None,
        after: int = 0,
        among: Among = Among.ALL,
    ) -> pyarrow.Table:
        """Events as an Arrow table with their numbers, `known` and `mark`; by default all. Needs PyArrow."""
        from openaisle.events.columnar import COLUMNS, as_table

        rows: Iterator[Row] = selection.rows(
            self._database, COLUMNS, Selection(kinds, since, until, shopper, after, among)
        )
        return as_table(rows)

    def latest(self) -> int:
        """The number of the event that was stored last; 0 before the first."""
        return selection.latest(self._database)

    def summary(self) -> Summary:
        return summarize(self._database)

    def pseudonym(self, shopper: str) -> str:
        """Under which name `read` knows a shopper."""
        return self.pseudonyms.shopper(shopper)

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        return Pseudonyms.of_shop(self._database)

    def _entries(self, events: Sequence[tuple[Event, str]]) -> list[Entry]:
        pseudonyms = self.pseudonyms
        return [Entry.of(event, mark, pseudonyms) for event, mark in events]

    def _written(self, entries: list[Entry]) -> list[Outcome]:
        with writing(self._database) as connection:
            return writes.write(connection, entries, self._known)

    def _checked(self, events: Sequence[Event]) -> Sequence[Event]:
        now = now_ms()
        for event in events:
            if problem := problem_of(event, now):
                field = f"{problem.field}: " if problem.field else ""
                raise InvalidEvent(f"Event {event.id[:80]!r} cannot be stored ({field}{problem.reason}).", problem.mend)
        return events


def now_ms() -> int:
    return time.time_ns() // 1_000_000
