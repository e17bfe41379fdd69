from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.events import limits
from openaisle.events.event import Event, Kind, Source
from openaisle.events.export import as_record
from openaisle.events.formats import FORMATS
from openaisle.events.problems import Problem, Unfit
from openaisle.events.validation import problem_of

NOW = 1_760_000_000_000
own = FORMATS["openaisle"]
PLAIN: dict[str, Any] = {"id": "e1", "kind": "click", "time": 1_750_000_000_000, "product_id": "mug"}

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100)
events = st.builds(
    Event,
    id=texts.filter(bool),
    kind=st.sampled_from([kind for kind in Kind if kind is not Kind.DWELL]),
    time=st.integers(limits.OLDEST_MS, NOW),
    shopper=texts,
    session=texts,
    query_id=texts,
    query=texts.filter(bool),
    product_id=texts.filter(bool),
    position=st.none() | st.integers(1, limits.POSITION),
    price=st.none() | st.floats(0, limits.PRICE),
    currency=st.sampled_from(["", "EUR", "CNY"]),
    quantity=st.integers(1, limits.QUANTITY),
    seconds=st.none() | st.floats(0, limits.DWELL_SECONDS),
    source=st.sampled_from(Source),
    placement=texts,
    campaign=texts,
)
values = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.lists(st.integers(), max_size=2)


def problem_with(record: dict[str, Any]) -> Problem | None:
    try:
        (event,) = own.read(record).events
    except Unfit as unfit:
        return unfit.problem
    return problem_of(event, NOW)


@given(events)
def test_what_is_written_is_read_back(event: Event) -> None:
    (read,) = own.read(orjson.loads(orjson.dumps(as_record(event)))).events
    assert read == event
    assert problem_of(read, NOW) is None


@given(st.dictionaries(st.sampled_from([*PLAIN, "quantity", "price", "source", "seconds", "position", "x"]), values))
def test_any_object_is_an_event_or_refused_with_its_reason(record: dict[str, Any]) -> None:
    problem = problem_with({**PLAIN, **record})
    assert problem is None or (problem.reason and problem.mend)


@pytest.mark.parametrize(
    ("time", "milliseconds"),
    [
        ("2025-06-15T15:06:40Z", 1_750_000_000_000),
        ("2025-06-15T17:06:40.250+02:00", 1_750_000_000_250),
        ("2025-06-15 15:06:40", 1_750_000_000_000),
        ("1750000000000", 1_750_000_000_000),
        (1_750_000_000_000.0, 1_750_000_000_000),
    ],
)
def test_times(time: object, milliseconds: int) -> None:
    assert own.read({**PLAIN, "time": time}).events[0].time == milliseconds


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": None}, "id: it is missing"),
        ({"id": "x" * 129}, "id: it has more than 128 characters"),
        ({"id": ["a"]}, "id: it is a list"),
        ({"id": "a\0b"}, ": a text holds a character that cannot be stored"),
        ({"kind": "hover"}, "kind: there is no kind 'hover'"),
        ({"kind": ["click"]}, "kind: there is no kind \"['click']\""),
        ({"source": "mail"}, "source: there is no source 'mail'"),
        ({"time": None}, "time: it is missing"),
        ({"time": "yesterday"}, "time: it is not a time"),
        ({"time": 1_750_000_000}, "time: it looks like seconds"),
        ({"time": 1_750_000_000_000_000}, "time: it looks like microseconds"),
        ({"time": NOW + 301_000}, "time: it lies in the future"),
        ({"time": 0}, "time: it is before 1995"),
        ({"time": 1e300}, "time: it is not a whole number"),
        ({"time": "9" * 5000}, "time: it is not a whole number"),
        ({"product_id": ""}, "product_id: a click has no product"),
        ({"kind": "query", "product_id": None}, "query: a query has neither text nor query_id"),
        ({"kind": "dwell"}, "seconds: a dwell has no seconds"),
        ({"kind": "dwell", "seconds": 90_000}, "seconds: it is negative or more than a day"),
        ({"position": 0}, "position: it is not a place from 1 on"),
        ({"position": 1.5}, "position: it is not a whole number"),
        ({"quantity": -3}, "quantity: it is negative"),
        ({"quantity": 0}, "quantity: it is not from 1 to 1,000,000"),
        ({"price": -0.01}, "price: it is negative, too large or no number"),
        ({"price": "nan"}, "price: it is negative, too large or no number"),
        ({"price": "cheap"}, "price: it is not a number"),
        ({"currency": "euro"}, "currency: it is not an ISO 4217 code"),
        ({"prodcut_id": "mug"}, "prodcut_id: there is no such field"),
    ],
)
def test_what_is_wrong_is_told(change: dict[str, Any], reason: str) -> None:
    problem = problem_with({**PLAIN, **change})
    assert problem is not None
    assert f"{problem.field}: {problem.reason}" == reason
    assert problem.mend


def test_the_callers_agent_is_a_hint_only() -> None:
    assert own.read({**PLAIN, "user_agent": "curl/8"}).agent == "curl/8"
