from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openaisle.events.bots import ACTIONS, stretches
from openaisle.events.formats import detect, own
from openaisle.events.validation import problem_of
from openaisle.sample import events, products, write_events

UNTIL = datetime(2026, 6, 1, 12, tzinfo=UTC)
GUESTS = 40


@pytest.fixture(scope="module")
def told():
    return events(UNTIL, count=GUESTS)


def test_the_shop_takes_every_one_of_them(told):
    end = int(UNTIL.timestamp() * 1000)
    assert detect(told[:10]) is own.FORMAT
    for record in told:
        (event,) = own.read(record).events
        assert problem_of(event, end) is None
        assert event.time < end
    assert len({record["id"] for record in told}) == len(told)


def test_they_are_of_products_of_the_store_at_their_prices(told):
    prices = {each["id"]: each["price"] if each["sale_price"] is None else each["sale_price"] for each in products()}
    assert all(prices[record["product_id"]] == record["price"] for record in told if "product_id" in record)


def test_they_span_two_months_and_come_in_order(told):
    times = [record["time"] for record in told]
    assert times == sorted(times)
    assert timedelta(days=50) < timedelta(milliseconds=times[-1] - times[0]) < timedelta(days=60)


def test_a_seed_gives_the_same_visits_whenever_they_were(told):
    later = events(UNTIL + timedelta(days=3), count=GUESTS)
    moved = [record | {"time": record["time"] + 3 * 86_400_000} for record in told]
    assert later == moved
    assert events(UNTIL, seed=2, count=GUESTS) != told


def test_nobody_moves_like_a_machine(told):
    times: dict[str, list[int]] = {}
    for record in told:
        if record["kind"] in {kind.value for kind in ACTIONS}:
            times.setdefault(record["shopper"], []).append(record["time"])
    assert [stretch for own_times in times.values() for stretch in stretches(own_times) if stretch.mark] == []


def test_regulars_and_guests_come(told):
    visits = Counter(record["shopper"] for record in told if record["kind"] == "query")
    assert {"wei", "lan", "guest-1", f"guest-{GUESTS}"} <= set(visits)
    assert len(visits) == GUESTS + 2


def test_the_file_holds_an_event_a_line_as_many_as_the_documentation_says(tmp_path):
    file = tmp_path / "events.jsonl"
    write_events(file, UNTIL)
    records = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert records == events(UNTIL)
    assert [path.name for path in tmp_path.iterdir()] == ["events.jsonl"]
    visits = len({record["session"] for record in records})
    told = " ".join((Path(__file__).parents[3] / "docs" / "sample-store.md").read_text("utf-8").split())
    assert f"{len(records):,} events of {visits:,} visits" in told
