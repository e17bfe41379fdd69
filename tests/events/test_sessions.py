from __future__ import annotations

import itertools
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from openaisle.events.event import Event, Kind
from openaisle.events.sessions import PAUSE_MS, sessions

NOON = 1_750_000_000_000
Make = Callable[..., Event]


def test_a_session_id_holds_together_whatever_the_pause(make: Make) -> None:
    late, early = make(session="v", time=NOON + 5 * PAUSE_MS), make(session="v", shopper="", time=NOON)
    (visit,) = sessions([late, early])
    assert (visit.id, visit.shopper, visit.events) == ("v", "anna", (early, late))
    assert (visit.start, visit.end) == (NOON, NOON + 5 * PAUSE_MS)


def test_without_one_a_pause_ends_a_visit(make: Make) -> None:
    times = [NOON, NOON + PAUSE_MS, NOON + 2 * PAUSE_MS + 1, NOON + 2 * PAUSE_MS + 2]
    visits = list(sessions(make(time=time) for time in reversed(times)))
    assert [[event.time for event in visit.events] for visit in visits] == [times[:2], times[2:]]
    assert {visit.id for visit in visits} == {""}


def test_shoppers_are_kept_apart_and_visits_come_by_their_start(make: Make) -> None:
    events = [make(shopper="ben", time=NOON + 2), make(time=NOON + 1), make(session="v", shopper="", time=NOON)]
    assert [visit.shopper for visit in sessions(events)] == ["", "anna", "ben"]


def test_what_belongs_to_nobody_is_left_out(make: Make) -> None:
    assert list(sessions([make(shopper="")])) == []


@given(st.lists(st.tuples(st.sampled_from(["a", "b", ""]), st.sampled_from(["v", "w", ""]), st.integers(0, 9))))
def test_every_event_of_somebody_is_in_one_visit(drawn: list[tuple[str, str, int]]) -> None:
    events = [
        Event(str(number), Kind.VIEW, NOON + step * PAUSE_MS, shopper, session, product_id="mug")
        for number, (shopper, session, step) in enumerate(drawn)
    ]
    visits = list(sessions(events))
    told = sorted(event.id for visit in visits for event in visit.events)
    assert told == sorted(event.id for event in events if event.shopper or event.session)
    for visit in visits:
        times = [event.time for event in visit.events]
        assert times == sorted(times)
        assert visit.id or max((b - a for a, b in itertools.pairwise(times)), default=0) <= PAUSE_MS
