"""Profiles in memory: made when asked for, up to date at every look, bounded, and gone when they must be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from goods import Goods
from sqlalchemy import Engine

from openaisle.events.event import Event, Kind
from openaisle.events.log import EventLog
from openaisle.profiles import book as books
from openaisle.profiles import history as histories
from openaisle.profiles.book import LOOK_MS, ProfileBook
from openaisle.profiles.history import History
from openaisle.storage import migrate, open_engine

RED = ("colour", "red")


class Clock:
    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def database(tmp_path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    migrate(engine)
    return engine


@pytest.fixture
def log(database: Engine) -> Iterator[EventLog]:
    log = EventLog(database)
    yield log
    log.close()


@pytest.fixture
def clock() -> Clock:
    return Clock(1_790_000_000_000)


@pytest.fixture
def goods() -> Goods:
    return Goods()


@pytest.fixture
def book(database: Engine, goods: Goods, clock: Clock) -> ProfileBook:
    return ProfileBook(History(database), goods, clock)


def acts(shopper: str, ids: list[str], at: int, kind: Kind = Kind.VIEW, begin: int = 0) -> list[Event]:
    return [
        Event(f"{shopper}-{kind}-{at}-{number}", kind, at - number, shopper, product_id=id)
        for number, id in enumerate(ids, begin)
    ]


def test_who_did_nothing_has_no_profile(book: ProfileBook, log: EventLog, clock: Clock) -> None:
    assert book.of(log.pseudonym("nobody")) is None
    log.append(acts("looker", ["p1"], clock.now, Kind.IMPRESSION))
    clock.now += LOOK_MS
    assert book.of(log.pseudonym("looker")) is None


def test_an_event_is_in_the_profile_within_a_second(book: ProfileBook, log: EventLog, clock: Clock) -> None:
    who = log.pseudonym("a")
    assert book.of(who) is None
    log.append(acts("a", ["p2"], clock.now))
    clock.now += LOOK_MS
    first = book.of(who)
    assert first is not None
    assert first.lasting.weights[RED] == pytest.approx(1.0, abs=0.01)
    log.append(acts("a", ["p6"], clock.now, Kind.ORDER) + acts("b", ["p3"], clock.now))
    clock.now += 999
    second = book.of(who)
    assert second is not None
    assert second.acts == 2
    assert second.lasting.weights[RED] == pytest.approx(6.0, abs=0.01)


def test_no_event_counts_twice(book: ProfileBook, log: EventLog, clock: Clock) -> None:
    who = log.pseudonym("a")
    for turn in range(20):
        log.append(acts("a", ["p2"], clock.now + turn, begin=turn))
        clock.now += LOOK_MS // 3  # some looks come too soon
        book.of(who)
        book.of(log.pseudonym(f"other {turn}"))
    clock.now += LOOK_MS
    profile = book.of(who)
    assert profile is not None
    assert profile.acts == 20


def test_made_anew_it_is_the_same_as_kept(database: Engine, log: EventLog, clock: Clock, goods: Goods) -> None:
    kept, who = ProfileBook(History(database), goods, clock), log.pseudonym("a")
    kept.of(who)
    for day, id in enumerate(("p1", "p30", "p5", "p59", "p1")):
        log.append(acts("a", [id], clock.now - (5 - day) * 86_400_000))
        clock.now += LOOK_MS
        kept.of(who)
    anew = ProfileBook(History(database), goods, clock).of(who)
    grown = kept.of(who)
    assert anew is not None
    assert grown is not None
    assert anew.acts == grown.acts == 5
    assert anew.lasting.weights == pytest.approx(grown.lasting.weights, rel=1e-6)
    assert anew.lasting.vector == pytest.approx(grown.lasting.vector, rel=1e-3)


def test_products_that_left_the_catalogue_leave_no_trace(book: ProfileBook, log: EventLog, clock: Clock) -> None:
    log.append(acts("a", ["gone", "p2", "gone too"], clock.now))
    clock.now += LOOK_MS
    profile = book.of(log.pseudonym("a"))
    assert profile is not None
    assert profile.acts == 1
    log.append(acts("b", ["gone"], clock.now))
    clock.now += LOOK_MS
    assert book.of(log.pseudonym("b")) is None


def test_memory_is_bounded(database: Engine, log: EventLog, clock: Clock, goods: Goods) -> None:
    book = ProfileBook(History(database), goods, clock, most=5)
    log.append(event for number in range(20) for event in acts(f"s{number}", ["p2"], clock.now))
    clock.now += LOOK_MS
    for number in range(20):
        assert book.of(log.pseudonym(f"s{number}")) is not None
    assert len(book) == 5


def test_a_flood_of_one_shopper_is_read_in_part(
    monkeypatch: pytest.MonkeyPatch, database: Engine, log: EventLog, clock: Clock, goods: Goods
) -> None:
    monkeypatch.setattr(histories, "NEWEST", 50)
    monkeypatch.setattr(histories, "_LOOKED_AT", 300)
    hours = [event for hour in range(10) for event in acts("a", ["p2"] * 100, clock.now - (10 - hour) * 3_600_000)]
    log.append(hours)
    profile = ProfileBook(History(database), goods, clock).of(log.pseudonym("a"))
    assert profile is not None
    assert profile.acts == 50
    assert profile.latest == clock.now - 3_600_000
    assert goods.asked <= 50


def test_after_an_import_profiles_are_made_anew(
    monkeypatch: pytest.MonkeyPatch, book: ProfileBook, log: EventLog, clock: Clock
) -> None:
    who = log.pseudonym("a")
    log.append(acts("a", ["p2"], clock.now))
    assert book.of(who) is not None
    monkeypatch.setattr(books, "_MOST_NEW", 5)
    log.append(acts("b", ["p3"] * 5, clock.now) + acts("a", ["p2"], clock.now + 1))
    clock.now += LOOK_MS
    profile = book.of(who)
    assert profile is not None
    assert (profile.acts, len(book)) == (2, 1)


def test_another_model_or_an_erasure_makes_it_anew(
    book: ProfileBook, log: EventLog, clock: Clock, goods: Goods
) -> None:
    who = log.pseudonym("a")
    log.append(acts("a", ["p2"], clock.now))
    book.of(who)
    asked = goods.asked
    book.of(who)
    assert goods.asked == asked
    goods.named = "another"
    assert book.of(who) is not None
    assert goods.asked > asked
    log.erase("a")
    assert book.of(who, erased=clock.now) is None


def test_a_time_in_the_future_counts_as_now(book: ProfileBook, log: EventLog, clock: Clock) -> None:
    clock.now -= 3_600_000_000
    log.append(acts("a", ["p2"], clock.now + 3_000_000_000))
    profile = book.of(log.pseudonym("a"))
    assert profile is not None
    assert profile.latest == clock.now
    assert profile.lasting.weights[RED] == pytest.approx(1.0)


def test_a_short_stay_says_nothing(book: ProfileBook, log: EventLog, clock: Clock) -> None:
    dwell = [
        Event(f"d{seconds}", Kind.DWELL, clock.now, "a", product_id="p2", seconds=seconds) for seconds in (2.0, 31.0)
    ]
    log.append(dwell)
    profile = book.of(log.pseudonym("a"))
    assert profile is not None
    assert profile.acts == 1
