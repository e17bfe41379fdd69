from dataclasses import replace

import numpy as np
import pytest
from made import NOON, campaign

from openaisle.ads.advertising import Advertising
from openaisle.ads.campaign import HOUR_MS, Keyword, Match
from openaisle.ads.learning import CLICKS, TRAFFIC, read_traffic
from openaisle.ads.prediction.history import outcomes
from openaisle.ads.sealing import TOPIC, Seal, Showing
from openaisle.ads.targeting import Targets
from openaisle.errors import DataError, InvalidAdToken, ModelError, StorageError
from openaisle.events.event import Event, Kind, Source
from openaisle.settings import AdsSettings

SHOP = campaign(products=("k1", "k2"), keywords=(Keyword("kettle", Match.EXACT),))


@pytest.fixture
def advertising(database, tmp_path):
    made = Advertising(database, tmp_path / "ads", AdsSettings(), "EUR")
    made.add(SHOP)
    return made


def met(seal, number, kinds, product="k1", keyword=0, **values):
    showing = Showing("C", product, f"q{number}", 40, NOON + number, keyword, 4, 9)
    token = seal.seal(showing)
    for kind in kinds:
        ad = {} if kind is Kind.ORDER else {"source": Source.AD, "placement": f"search/{token}", "campaign": "C"}
        plain = {"shopper": f"s{number}", "query_id": f"q{number}", "query": "kettle", "product_id": product, **ad}
        yield Event(f"{kind}{number}", kind, NOON + number, **{**plain, **values})


def test_outcomes_are_put_together_from_events():
    seal = Seal(b"s" * 32)

    def opened(event):
        token = event.placement.rpartition("/")[2]
        return SHOP, seal.open(token, campaign_id="C", product_id=event.product_id, query_id=event.query_id)

    bought = list(met(seal, 1, (Kind.IMPRESSION, Kind.CLICK, Kind.ORDER)))
    seen = list(met(seal, 2, (Kind.IMPRESSION,), keyword=TOPIC))
    forged = replace(seen[0], id="x", placement="search/nonsense")
    found = outcomes([*reversed(bought), *seen, seen[0], forged], opened)
    assert [(each.clicked, each.ordered, each.position) for each in found] == [(True, True, 4), (False, False, 4)]
    assert [each.shown.how for each in found] == ["exact", "topic"]
    assert (found[0].shown.query, found[0].shown.relevance) == ("kettle", 9)
    with pytest.raises(InvalidAdToken):
        opened(forged)


def test_what_is_learnt_is_served(advertising, database):
    seal, chance = advertising._seal, np.random.default_rng(4)
    events = [Event(f"search{n}", Kind.QUERY, NOON + 6 * HOUR_MS) for n in range(10)]
    for number in range(1500):
        product = ("k1", "k2")[number % 2]
        clicked = chance.random() < (0.3 if product == "k1" else 0.05)
        events += met(seal, number, (Kind.IMPRESSION, Kind.CLICK) if clicked else (Kind.IMPRESSION,), product)
    learnt = advertising.learn(events)
    assert (learnt.showings, learnt.orders) == (1500, None)
    assert learnt.as_dict()["click_rate"]["ece"] < 0.06
    server = advertising.server(lambda each: Targets(each, str.split), np.random.default_rng(1))
    shown = [each.shown for each in outcomes(events, advertising.billing.opened)[:2]]
    rates = np.mean([server.quality(shown, server.chance) for _ in range(50)], axis=0)
    assert rates[0] > 2 * rates[1]
    assert server.reader.curve.shares[18] > 0.9


def test_too_little_is_told(advertising):
    with pytest.raises(DataError, match="0 clicks"):
        advertising.learn([])


def test_what_cannot_be_read_is_told(advertising, tmp_path):
    (tmp_path / "ads").mkdir()
    assert read_traffic(tmp_path / "ads").shares[0] == pytest.approx(1 / 24)
    (tmp_path / "ads" / TRAFFIC).write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(StorageError, match="learn"):
        read_traffic(tmp_path / "ads")
    (tmp_path / "ads" / CLICKS).write_bytes(b"no")
    with pytest.raises(ModelError):
        advertising.server(lambda each: Targets(each, str.split))
