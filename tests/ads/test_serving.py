from dataclasses import replace

import numpy as np
import pytest
from made import NOON, campaign, click

from openaisle.ads.auction import generalised_second_price
from openaisle.ads.board import Reader
from openaisle.ads.campaign import HOUR_MS, FrequencyCap, Keyword, Status
from openaisle.ads.campaigns import Campaigns
from openaisle.ads.clicks import Budget
from openaisle.ads.exposures import Exposures
from openaisle.ads.ledger import Ledger
from openaisle.ads.sealing import Seal
from openaisle.ads.serving import AdServer, Ask, Rules, examination_of
from openaisle.ads.targeting import Targets

SEAL = Seal(b"s" * 32)
PAGE = [1.0, 0.98, 0.96, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
SCORES = {"best": 0.97, "k1": 0.9, "k2": 0.6, "k3": 0.8, "weak": 0.2}


def rates(shown, chance):
    return np.full(len(shown), 0.05)


@pytest.fixture
def server(database):
    reader = Reader(Campaigns(database), Ledger(database), lambda each: Targets(each, str.split), "EUR")
    return AdServer(
        reader, Exposures(database), SEAL.seal, rates, Rules(auction=generalised_second_price), np.random.default_rng(1)
    )


@pytest.fixture
def paced_in(monkeypatch):
    """Pacing lets every campaign take part that has money."""
    monkeypatch.setattr("openaisle.ads.pacing.Pacer.rate", lambda *_: 1.0)


def ask(query="kettle", **values):
    plain = {"organic": PAGE, "scored": lambda ids: {id: SCORES[id] for id in ids if id in SCORES}}
    return Ask(query, "q1", **{**plain, "time": NOON, **values})


def add(database, *campaigns):
    for each in campaigns:
        Campaigns(database).add(each)


def shown(server, **values):
    return [(ad.campaign_id, ad.position, ad.price) for ad in server.choose(ask(**values))]


@pytest.mark.usefixtures("paced_in")
def test_winners_stand_in_the_slots_at_second_prices(server, database):
    add(database, campaign(bid=30), campaign(id="D", advertiser="B", bid=20), campaign(id="E", advertiser="C", bid=10))
    assert shown(server) == [("C", 4, 20), ("D", 9, 10)]
    assert shown(server, query="mug") == []


@pytest.mark.usefixtures("paced_in")
def test_only_slots_that_the_page_reaches_are_filled(server, database):
    add(database, campaign(bid=30), campaign(id="D", advertiser="B", bid=20))
    assert [(id, position) for id, position, _ in shown(server, organic=PAGE[:8])] == [("C", 4)]
    assert shown(server, organic=PAGE[:3]) == []


def test_nobody_runs_without_a_campaign_that_has_money(server, database):
    assert not server.running(NOON)
    add(database, campaign(daily_budget=100), campaign(id="D", currency="USD"))
    assert server.running(NOON + 2000)
    Ledger(database).charge(click("1", price=100), Budget(100))
    assert not server.running(NOON + 4000)


@pytest.mark.usefixtures("paced_in")
def test_a_token_tells_the_price_to_nobody_else(server, database):
    add(database, campaign())
    (ad,) = server.choose(ask())
    opened = SEAL.open(ad.token, campaign_id="C", product_id="k1", query_id="q1")
    assert (opened.price, opened.position, opened.time) == (ad.price, 4, NOON)


@pytest.mark.usefixtures("paced_in")
def test_no_ad_is_less_relevant_than_the_floor(server, database):
    add(database, campaign(products=("weak",)), campaign(id="D", advertiser="B", products=("k2", "weak", "gone")))
    assert shown(server) == []  # a quarter of the page lies below 0.7
    server.rules = replace(server.rules, floor=0.1)  # 0.5 now
    assert [id for id, *_ in shown(server)] == ["D"]
    assert shown(server, organic=[]) == []


@pytest.mark.usefixtures("paced_in")
def test_a_campaign_shows_the_product_that_answers_best(server, database):
    add(database, campaign(products=("k2", "k1", "k3")))
    assert server.choose(ask())[0].product_id == "k1"


@pytest.mark.usefixtures("paced_in")
def test_what_stands_before_the_first_slot_by_merit_is_no_ad(server, database):
    add(database, campaign(products=("best",)), campaign(id="D", advertiser="B", products=("best", "k3")))
    assert [(ad.campaign_id, ad.product_id) for ad in server.choose(ask())] == [("D", "k3")]


@pytest.mark.usefixtures("paced_in")
def test_an_advertiser_has_one_place(server, database):
    add(database, campaign(bid=30), campaign(id="D", bid=40), campaign(id="E", advertiser="B", bid=20))
    assert [id for id, *_ in shown(server)] == ["D", "E"]


@pytest.mark.usefixtures("paced_in")
def test_a_spent_budget_stops_a_campaign_within_the_refresh(server, database):
    add(database, campaign(daily_budget=100))
    assert len(shown(server)) == 1
    for number in range(3):
        Ledger(database).charge(click(str(number), price=40), Budget(100))
    assert shown(server, time=NOON + 5000) == []
    assert len(shown(server, time=NOON + 13 * HOUR_MS)) == 1  # the next day


@pytest.mark.usefixtures("paced_in")
def test_changes_are_seen_and_foreign_currencies_are_not(server, database):
    add(database, campaign(), campaign(id="D", advertiser="B", currency="USD"))
    assert [id for id, *_ in shown(server)] == ["C"]
    Campaigns(database).set_status("C", Status.PAUSED)
    assert shown(server, time=NOON + 2000) == []


@pytest.mark.usefixtures("paced_in")
def test_a_shopper_sees_a_capped_campaign_so_often_and_no_more(server, database):
    add(database, campaign(cap=FrequencyCap(2, 24)))
    assert [len(shown(server, shopper="s1")) for _ in range(4)] == [1, 1, 0, 0]
    assert len(shown(server, shopper="s2")) == 1
    assert [len(shown(server)) for _ in range(4)] == [1, 1, 1, 1]


def test_a_campaign_takes_part_in_everything_until_its_first_click(server, database):
    add(database, campaign())
    assert all(shown(server, time=NOON + number) for number in range(100))
    Ledger(database).charge(click("1", price=10), Budget(1000))
    assert not all(shown(server, time=NOON + 5000 + number) for number in range(100))


def test_pacing_lets_a_campaign_with_little_money_take_part_now_and_then(server, database):
    add(database, campaign(keywords=(Keyword("kettle"),)))
    Ledger(database).charge(click("1", price=10), Budget(1000))
    taken = sum(len(shown(server, time=NOON + number)) for number in range(300))
    assert 3 < taken < 40


def test_the_same_seed_chooses_the_same(database):
    add(database, campaign(), campaign(id="D", advertiser="B", bid=20))

    def chosen():
        reader = Reader(Campaigns(database), Ledger(database), lambda each: Targets(each, str.split), "EUR")
        seeded = AdServer(reader, Exposures(database), SEAL.seal, rates, chance=np.random.default_rng(7))
        return [shown(seeded, time=NOON + number) for number in range(200)]

    assert chosen() == chosen()


def test_places_that_are_looked_at_more_than_those_before_are_levelled():
    assert examination_of([0.5, 0.6, 0.1]) == (500_000, 500_000, 100_000)
