from dataclasses import replace

import pytest
from made import NOON, campaign

from openaisle.ads.audit import audit
from openaisle.ads.billing import Billing, Clicked, Taken
from openaisle.ads.campaign import DAY_MS, FrequencyCap, Keyword
from openaisle.ads.campaigns import Campaigns
from openaisle.ads.clicks import Reason, State
from openaisle.ads.exposures import Exposures
from openaisle.ads.report import Span, report
from openaisle.ads.sealing import TOPIC, Seal, Showing
from openaisle.errors import InvalidAdToken
from openaisle.events.event import Event, Kind, Source

SEAL = Seal(b"s" * 32)
TEN = "2026-03-01"


@pytest.fixture
def billing(database):
    Campaigns(database).add(campaign(cap=FrequencyCap(2, 24), keywords=(Keyword("kettle"), Keyword("水壶"))))
    return Billing(database, SEAL)


def token(query_id, **values):
    return SEAL.seal(replace(Showing("C", "k1", query_id, 40, NOON, 0, 4), **values))


def clicked(number, shopper="s", **values):
    query_id = f"q{number}"
    return Clicked(f"c{number}", "C", "k1", query_id, token(query_id), NOON + 1000, f"{shopper}{number}", **values)


def event(number, kind, shopper="s1", time=NOON + 1000, **values):
    query_id = values.pop("query_id", f"q{number}")
    sealed = values.pop("token", None) or token(query_id)
    plain = {"product_id": "k1", "source": Source.AD, "placement": f"search/{sealed}", "campaign": "C"}
    return Event(f"e{number}", kind, time, shopper=shopper, query_id=query_id, **{**plain, **values})


def test_a_click_costs_what_its_token_says(billing):
    entry = billing.click(clicked(1))
    assert (entry.state, entry.amount) == (State.BILLED, 40)
    assert billing.click(clicked(1)).amount == 40


def test_a_token_costs_once_whoever_sends_it_again(billing):
    first = clicked(1)
    billing.click(first)
    assert billing.click(replace(first, id="other", shopper="other")).reason is Reason.REPEAT


def test_a_click_on_an_ad_that_was_not_shown_is_refused(billing):
    with pytest.raises(InvalidAdToken):
        billing.click(replace(clicked(1), product_id="k2"))
    foreign = SEAL.seal(Showing("gone", "k1", "q1", 40, NOON, 0, 4))
    with pytest.raises(InvalidAdToken):
        billing.click(replace(clicked(1), campaign_id="gone", token=foreign))


def test_events_are_taken_in_once(billing, database):
    events = [
        (11, event(1, Kind.IMPRESSION)),
        (12, event(2, Kind.IMPRESSION, token=token("q2", keyword=TOPIC))),
        (13, event(3, Kind.CLICK, query_id="q1")),
        (14, event(4, Kind.IMPRESSION, token="nonsense")),
        (15, event(5, Kind.ORDER, time=NOON + DAY_MS, price=19.99, currency="EUR", quantity=2, source=Source.OTHER)),
        (16, event(6, Kind.CLICK, source=Source.SEARCH)),
        (17, event(7, Kind.CLICK, query_id="q1")),
    ]
    assert billing.take(events) == Taken(impressions=2, billed=1, free=1, orders=1, refused=1)
    assert billing.position() == 17
    assert billing.take(events) == Taken()
    assert Billing(database, SEAL).take(events[:3]) == Taken()
    (line,) = report(database, Span()).lines
    told = line.as_dict()
    assert (told["impressions"], told["clicks"], told["spend"], told["orders"]) == (2, 1, "0.40", 1)
    assert (told["revenue"], told["cpc"], told["roas"], told["free_clicks"]) == ("39.98", "0.4000", 99.95, 1)
    assert audit(database) == ()


def test_a_crash_between_charging_and_counting_charges_nothing_twice(billing, database, monkeypatch):
    events = [(1, event(1, Kind.IMPRESSION)), (2, event(2, Kind.CLICK, query_id="q1"))]
    monkeypatch.setattr(billing, "_count", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        billing.take(events)
    assert Billing(database, SEAL).take(events) == Taken(impressions=1, billed=1)
    (line,) = report(database, Span()).lines
    assert (line.figures.spend, line.figures.clicks, line.figures.impressions) == (40, 1, 1)


def test_reported_showings_count_for_the_cap_of_every_process(billing, database):
    capped, other = campaign(cap=FrequencyCap(2, 24)), Exposures(database)
    billing.take([(1, event(1, Kind.IMPRESSION))])
    assert other.capped([capped], "s1", NOON) == set()
    billing.take([(2, event(2, Kind.IMPRESSION))])
    assert other.capped([capped], "s1", NOON) == {"C"}
    assert other.capped([capped], "s2", NOON) == set()
    assert other.capped([capped], "", NOON) == set()
    assert other.capped([capped], "s1", NOON + DAY_MS) == set()
    assert other.capped([campaign()], "s1", NOON) == set()
    other.erase("s1")
    assert other.capped([capped], "s1", NOON) == set()


def test_a_cap_holds_between_reports(database):
    exposures, capped = Exposures(database), campaign(cap=FrequencyCap(2, 1))
    for _ in range(2):
        assert exposures.capped([capped], "s1", NOON) == set()
        exposures.shown("s1", "C", NOON)
    assert exposures.capped([capped], "s1", NOON) == {"C"}


def test_old_exposures_are_forgotten(billing, database):
    billing.take([(1, event(1, Kind.IMPRESSION))])
    assert Exposures(database).forget_before(NOON) == 0
    assert Exposures(database).forget_before(NOON + 40 * DAY_MS) == 1


@pytest.mark.parametrize(
    ("values", "orders", "revenue"),
    [
        ({"price": 10.0, "currency": "EUR"}, 1, 1000),
        ({"price": 0.1, "currency": "EUR", "quantity": 3}, 1, 30),
        ({"price": 10.0, "currency": "USD"}, 1, 0),
        ({}, 1, 0),
        ({"price": 10.0, "product_id": "k2"}, 0, 0),
        ({"price": 10.0, "shopper": "s9"}, 0, 0),
        ({"price": 10.0, "shopper": ""}, 0, 0),
        ({"price": 10.0, "time": NOON + 8 * DAY_MS}, 0, 0),
        ({"price": 10.0, "time": NOON - 1}, 0, 0),
    ],
)
def test_orders_belong_to_a_click_on_the_same_product_by_the_same_shopper(billing, database, values, orders, revenue):
    placed = event(9, Kind.ORDER, **{"source": Source.OTHER, "time": NOON + 5000, **values})
    billing.take([(1, event(1, Kind.CLICK)), (2, placed), (3, placed)])
    (total,) = report(database, Span()).totals
    assert (total.figures.orders, total.figures.revenue) == (orders, revenue)


def test_lines_of_every_grouping_add_up_to_the_same_total(billing, database):
    days = [NOON, NOON + DAY_MS]
    numbered = []
    for number in range(24):
        sealed = token(f"q{number}", keyword=number % 2, time=days[number % 2])
        kind = Kind.CLICK if number % 3 == 0 else Kind.IMPRESSION
        made = event(number, kind, shopper=f"s{number}", time=days[number % 2] + 5, token=sealed)
        numbered.append((number + 1, made))
    billing.take(numbered)
    whole = report(database, Span()).totals[0]
    assert whole.figures.clicks == 8
    for by in (("campaign",), ("keyword",), ("day",), ("campaign", "keyword", "day")):
        lines = report(database, Span(), by).lines
        assert sum((line.figures for line in lines), start=type(whole.figures)()) == whole.figures
        assert all(set(line.of) == set(by) for line in lines)
    assert [line.of["keyword"] for line in report(database, Span(), ("keyword",)).lines] == ["kettle", "水壶"]
    (first,) = report(database, Span(until=TEN), ("day",)).lines
    assert first.of == {"day": TEN}
    assert report(database, Span(campaigns=frozenset({"D"}))).lines == ()
