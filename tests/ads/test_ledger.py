import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import NOON, click
from sqlalchemy import text

from openaisle.ads.audit import audit
from openaisle.ads.campaign import DAY_MS
from openaisle.ads.clicks import Budget, Reason, Spend, State
from openaisle.ads.ledger import WHOLE, Ledger
from openaisle.storage import migrate, open_engine, writing

PLENTY = Budget(10**6)
CHARGING = Path(__file__).parent / "charging.py"


@pytest.fixture
def ledger(database):
    return Ledger(database)


def spent(ledger, day=WHOLE):
    return ledger.spent(["C"], day)["C"]


def test_a_click_is_billed_at_its_price(ledger):
    entry = ledger.charge(click("a"), PLENTY)
    assert (entry.amount, entry.state, entry.reason) == (40, State.BILLED, Reason.NONE)
    assert spent(ledger) == spent(ledger, "2026-03-01") == Spend(40, 0)
    assert spent(ledger, "2026-03-02") == Spend()


def test_the_same_click_is_billed_once_whatever_is_said_of_it_later(ledger):
    ledger.charge(click("a"), PLENTY)
    again = ledger.charge(click("a", price=99, time=NOON + DAY_MS, campaign_id="C"), PLENTY)
    assert again.amount == 40
    assert spent(ledger) == Spend(40, 0)


def test_the_last_click_of_a_budget_costs_what_is_left(ledger):
    amounts = [ledger.charge(click(str(number)), Budget(100)).amount for number in range(4)]
    assert amounts == [40, 40, 20, 0]
    assert ledger.charge(click("late"), Budget(100)).reason is Reason.BUDGET
    assert spent(ledger) == Spend(100, 0)


def test_a_new_day_has_a_new_budget_but_the_same_whole(ledger):
    budget = Budget(daily=60, total=100)
    for number, day in enumerate(["2026-03-01"] * 3 + ["2026-03-02"] * 3):
        ledger.charge(click(str(number), day=day), budget)
    assert spent(ledger, "2026-03-01").billed == 60
    assert spent(ledger, "2026-03-02").billed == 40
    assert spent(ledger).billed == 100


def test_a_reservation_counts_until_it_is_released(ledger):
    ledger.reserve(click("a"), Budget(50))
    assert ledger.reserve(click("b"), Budget(50)).amount == 10
    ledger.release("a", "C")
    assert spent(ledger) == Spend(0, 10)
    assert ledger.charge(click("c"), Budget(50)).amount == 40
    assert ledger.bill("a", "C").state is State.RELEASED
    assert spent(ledger) == Spend(40, 10)


def test_a_billed_click_stays_billed(ledger):
    ledger.charge(click("a"), PLENTY)
    assert ledger.release("a", "C").state is State.BILLED
    assert spent(ledger) == Spend(40, 0)


def test_what_is_not_known_cannot_be_billed(ledger):
    assert ledger.bill("nothing", "C") is None
    ledger.reserve(click("a"), PLENTY)
    assert ledger.bill("a", "another").state is State.RESERVED


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"bot": True}, Reason.BOT),
        ({"served": "showing first"}, Reason.REPEAT),
        ({"visitor": "visitor first"}, Reason.REPEAT),
        ({"visitor": "visitor first", "time": NOON - 3000, "served_at": NOON - 4000}, Reason.REPEAT),
        ({"visitor": "visitor first", "product_id": "k2"}, Reason.NONE),
        ({"visitor": "visitor first", "time": NOON + DAY_MS, "served_at": NOON + DAY_MS - 9}, Reason.NONE),
        ({"served_at": NOON - DAY_MS - 1}, Reason.STALE),
        ({"served_at": NOON + 5}, Reason.STALE),
    ],
)
def test_which_clicks_are_free(ledger, values, reason):
    ledger.charge(click("first"), PLENTY)
    entry = ledger.charge(click("second", **values), PLENTY)
    assert entry.reason is reason
    assert spent(ledger) == Spend(40 if reason else 80, 0)


def test_a_free_click_makes_no_later_one_free(ledger):
    ledger.charge(click("bot", visitor="v", bot=True), PLENTY)
    assert ledger.charge(click("person", visitor="v"), PLENTY).state is State.BILLED


def test_a_burst_of_one_visitor_is_a_program(ledger):
    entries = [
        ledger.charge(click(str(n), visitor="v", product_id=f"p{n}", time=NOON + n, served_at=NOON), PLENTY)
        for n in range(30)
    ]
    assert [entry.reason for entry in entries] == [Reason.NONE] * 19 + [Reason.BURST] * 11


def test_settling_bills_what_was_left_reserved(ledger, database):
    ledger.reserve(click("old"), PLENTY)
    ledger.reserve(click("new", time=NOON + 5000), PLENTY)
    assert ledger.settle(NOON + 1000) == 1
    assert spent(ledger) == Spend(40, 40)
    assert audit(database) == ()


def test_the_audit_finds_a_total_that_was_tampered_with(ledger, database):
    ledger.charge(click("a"), PLENTY)
    with writing(database) as connection:
        connection.execute(text("UPDATE ad_spend SET billed = billed - 1 WHERE day <> ''"))
    (found,) = audit(database)
    assert (found.day, found.kept.billed, found.summed.billed) == ("2026-03-01", 39, 40)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["charge", "reserve", "bill", "release", "settle"]), st.integers(0, 9), st.integers(1, 90)
        ),
        max_size=25,
    )
)
def test_no_order_of_steps_breaks_the_books(tmp_path_factory, steps):
    database = open_engine(f"sqlite:///{tmp_path_factory.mktemp('books') / 'shop.db'}")
    migrate(database)
    ledger, budget = Ledger(database), Budget(daily=150, total=200)
    for step, number, price in steps:
        made = click(str(number), price=price, day=f"2026-03-0{1 + number % 2}")
        if step in ("charge", "reserve"):
            getattr(ledger, step)(made, budget)
        elif step == "settle":
            ledger.settle(NOON + 1)
        else:
            getattr(ledger, step)(made.id, "C")
        assert audit(database) == ()
        assert spent(ledger).total <= 200
        assert all(spent(ledger, day).total <= 150 for day in ("2026-03-01", "2026-03-02"))
    database.dispose()


def test_threads_do_not_overspend(ledger, database):
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: ledger.charge(click(str(number)), Budget(500)), range(40)))
    assert spent(ledger) == Spend(500, 0)
    assert audit(database) == ()


def test_processes_do_not_overspend_and_a_click_of_two_is_billed_once(ledger, database, store_url):
    runs = [(0, 40), (20, 40), (60, 40)]  # the first two share half of their clicks
    processes = [charging(store_url, first, count, 3000) for first, count in runs]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert spent(ledger) == Spend(3000, 0)
    assert audit(database) == ()


def test_a_process_killed_between_reserving_and_billing_leaves_the_books_right(ledger, database, store_url):
    for turn in range(3):
        killed = charging(store_url, 10 * turn, 10, 10_000, 4)
        assert killed.wait(60) == -9
        assert audit(database) == ()
        assert spent(ledger).reserved == 40
        if turn % 2:
            assert ledger.settle(NOON + 1) == 1
        else:  # the click is sent again, as its sender never heard that it was taken
            ledger.charge(click(str(10 * turn + 4)), Budget(10_000))
        assert spent(ledger) == Spend(5 * 40 * (turn + 1), 0)
    assert audit(database) == ()


def charging(url, *numbers):
    return subprocess.Popen([sys.executable, str(CHARGING), url, *map(str, numbers)])
