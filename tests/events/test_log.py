"""What the log promises, on every store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from openaisle.errors import InvalidEvent
from openaisle.events.event import Event, Kind, Source
from openaisle.events.log import Appended, EventLog
from openaisle.events.selection import Among, Selection
from openaisle.events.writes import Outcome
from openaisle.storage import reading

NOON = 1_750_000_000_000
Make = Callable[..., Event]


def ids(log: EventLog, **asked: object) -> list[str]:
    return [event.id for event in log.read(**asked)]  # type: ignore[arg-type]


def test_an_event_comes_back_as_it_was_but_for_its_pseudonyms(log: EventLog) -> None:
    sent = Event(
        "e1",
        Kind.ORDER,
        NOON,
        "anna",
        "visit",
        "q1",
        "蓝色杯子",
        "mug",
        3,
        12.5,
        "EUR",
        2,
        None,
        Source.RECOMMENDATION,
        "home",
        "summer",
    )
    assert log.append([sent]) == Appended(accepted=1)
    (read,) = log.read()
    assert replace(read, shopper="anna", session="visit") == sent
    assert read.shopper == log.pseudonym("anna")
    assert "anna" not in read.shopper
    assert len(read.session) == 22
    assert read.session != log.pseudonym("visit")


def test_an_id_is_stored_once_however_often_it_is_sent(log: EventLog, make: Make) -> None:
    first = make(id="e1", position=1)
    assert log.append([first, make(id="e2"), first]) == Appended(accepted=2, repeated=1)
    assert log.append([make(id="e1", position=9), make(id="e3")]) == Appended(accepted=1, repeated=1)
    assert [(event.id, event.position) for event in log.read()] == [("e1", 1), ("e2", None), ("e3", None)]


def test_late_events_are_taken_and_numbered_in_the_order_of_storage(log: EventLog, make: Make) -> None:
    log.append([make(id="new", time=NOON), make(id="old", time=NOON - 400 * 86_400_000)])
    log.append([make(id="between", time=NOON - 1)])
    assert ids(log) == ["new", "old", "between"]
    assert [number for number, _ in log.numbered(Selection())] == [1, 2, 3]
    assert log.latest() == 3
    assert ids(log, after=2) == ["between"]


def test_reading_by_kind_time_and_shopper(log: EventLog, make: Make) -> None:
    log.append(
        [
            make(id="a", kind=Kind.VIEW, time=NOON),
            make(id="b", time=NOON + 10),
            make(id="c", time=NOON + 20, shopper="ben"),
            make(id="d", time=NOON + 30, shopper="", session="anna"),
        ]
    )
    assert ids(log, kinds=[Kind.VIEW]) == ["a"]
    assert ids(log, kinds=[]) == []
    assert ids(log, since=NOON + 10, until=NOON + 30) == ["b", "c"]
    assert ids(log, until=NOON) == []
    assert ids(log, shopper=log.pseudonym("anna")) == ["a", "b"]
    assert ids(log, shopper=log.pseudonym("anna"), since=NOON + 1, after=1) == ["b"]
    assert ids(log, shopper=log.pseudonym("nobody")) == []


def test_reading_crosses_pages(log: EventLog, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openaisle.events.selection._PAGE", 3)
    log.append([make(id=f"e{number}", time=NOON + number % 5) for number in range(20)])
    assert ids(log) == [f"e{number}" for number in range(20)]
    assert ids(log, shopper=log.pseudonym("anna")) == [f"e{number}" for number in range(20)]
    assert ids(log, since=NOON + 3) == [f"e{number}" for number in range(20) if number % 5 >= 3]


def test_events_of_unknown_products_wait_apart_until_the_product_appears(
    log: EventLog, make: Make, catalogue: set[str]
) -> None:
    query = make(id="q", kind=Kind.QUERY, query="teapot", product_id="")
    done = log.append([query, make(id="a"), make(id="b", product_id="teapot"), make(id="c", product_id="samovar")])
    assert done == Appended(accepted=4, unknown=2)
    assert ids(log) == ["q", "a"]
    assert set(ids(log, among=Among.ALL)) == {"q", "a", "b", "c"}
    assert log.append([make(id="b", product_id="teapot")]).repeated == 1
    seen = log.latest()
    catalogue.add("teapot")
    assert log.promote(["mug"]) == 0
    assert log.promote(["teapot"]) == 1
    assert ids(log, after=seen) == ["b"]  # whoever reads on from where they were gets it
    catalogue.add("samovar")
    assert log.promote() == 1
    assert log.promote() == 0
    assert ids(log) == ["q", "a", "b", "c"]


def test_promotion_goes_on_beyond_a_transaction(
    log: EventLog, make: Make, catalogue: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openaisle.events.promotion._EVENTS", 3)
    monkeypatch.setattr("openaisle.events.promotion._PRODUCTS", 2)
    products = [f"p{number}" for number in range(7)]
    log.append([make(product_id=product) for product in products for _ in range(4)])
    catalogue |= set(products)
    assert log.promote() == 28
    assert len(ids(log)) == 28


def test_erasing_a_shopper_takes_their_sessions_and_stays(log: EventLog, make: Make) -> None:
    before_sign_in = make(id="a", shopper="", session="visit")
    signed_in = make(id="b", session="visit")
    log.append([before_sign_in, signed_in, make(id="c", shopper="ben"), make(id="d", shopper="", session="other")])
    assert log.erase("anna") == 2
    assert ids(log) == ["c", "d"]
    assert log.append([before_sign_in, signed_in]) == Appended(withheld=2)
    assert log.erase("anna") == 0
    assert ids(log) == ["c", "d"]


def test_no_name_is_in_the_database(log: EventLog, make: Make, database: Engine) -> None:
    log.append([make(shopper="anna.secret@example.org", session="visit-secret")])
    with reading(database) as connection:
        assert "secret" not in str(connection.execute(text("SELECT * FROM events")).all())
    assert "key=…" in repr(log.pseudonyms)


def test_each_shop_has_pseudonyms_of_its_own_and_keeps_them(log: EventLog, database: Engine) -> None:
    assert EventLog(database).pseudonym("anna") == log.pseudonym("anna")
    assert log.pseudonym("anna") != log.pseudonym("ben")
    assert log.pseudonym("") == ""


def test_a_bad_event_is_refused_with_its_reason(log: EventLog, make: Make) -> None:
    with pytest.raises(InvalidEvent) as refused:
        log.append([make(id="good"), make(id="bad", quantity=-2)])
    assert "quantity: it is negative" in refused.value.detail
    assert ids(log) == []


def test_those_who_send_at_once_share_a_transaction_and_learn_their_own(log: EventLog, make: Make) -> None:
    log.append([make(id="known")])
    batches = [[make(id=f"s{number}"), make(id="known" if number == 7 else f"t{number}")] for number in range(50)]
    answers: list[Future[list[Outcome]]] = [log.send([(event, "") for event in batch]) for batch in batches]
    outcomes = [answer.result(20) for answer in answers]
    assert outcomes.count([Outcome.STORED, Outcome.STORED]) == 49
    assert outcomes[7] == [Outcome.STORED, Outcome.REPEATED]
    assert len(ids(log)) == 100


def test_a_write_that_fails_is_told_to_everybody_who_waits(log: EventLog, make: Make, database: Engine) -> None:
    def broken(_products: object) -> set[str]:
        raise RuntimeError("the catalogue is away")

    failing = EventLog(database, broken)
    sent = failing.send([(make(id="a"), "")])
    with pytest.raises(RuntimeError):
        sent.result(20)
    failing.close()
    assert log.append([make(id="a")]).accepted == 1


def test_writers_at_once_lose_and_double_nothing(log: EventLog, make: Make, database: Engine) -> None:
    events = [make() for _ in range(200)]
    accepted: list[int] = []

    def write() -> None:
        own = EventLog(database, set)
        accepted.extend(own.append([event]).accepted for event in events)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(accepted) == 200
    assert [number for number, _ in log.numbered(Selection())] == list(range(1, 201))


def test_analytics_get_a_table(log: EventLog, make: Make) -> None:
    pytest.importorskip("pyarrow")
    assert log.arrow().num_rows == 0
    log.append([make(id="a", price=2.5, position=4), make(id="b", product_id="samovar", kind=Kind.VIEW)])
    table = log.arrow()
    assert table.column("id").to_pylist() == ["a", "b"]
    assert table.column("known").to_pylist() == [True, False]
    assert table.column("price").to_pylist() == [2.5, None]
    assert table.column("kind").to_pylist() == ["click", "view"]
    assert table.column("time").to_pylist()[0].isoformat() == "2025-06-15T15:06:40+00:00"
    assert log.arrow(among=Among.TRUSTED).num_rows == 1


def test_the_summary_counts(log: EventLog, make: Make) -> None:
    assert log.summary().events == 0
    log.append([make(), make(shopper="ben", session="v"), make(kind=Kind.VIEW, product_id="samovar", time=NOON + 5)])
    log.store([(make(), "agent")])
    summary = log.summary()
    assert (summary.events, summary.unknown, summary.shoppers, summary.sessions) == (4, 1, 2, 1)
    assert summary.kinds == {"click": 3, "view": 1}
    assert summary.marks == {"agent": 1}
    assert (summary.first, summary.last) == (NOON, NOON + 5)
