from dataclasses import dataclass

import numpy as np
import pytest
from made import NOON, campaign

from openaisle.ads.advertising import Advertising
from openaisle.ads.serving import Ask
from openaisle.ads.step import AdStep
from openaisle.ads.targeting import Targets
from openaisle.errors import InvalidCampaign, SettingsError, StorageError
from openaisle.settings import AdsSettings


@dataclass(frozen=True)
class Hit:
    id: str
    score: float


PAGE = [Hit(f"o{rank}", 1 - rank / 20) for rank in range(10)]
SPONSORED = {"k1": Hit("k1", 0.75)}


@pytest.fixture
def advertising(database, tmp_path):
    return Advertising(database, tmp_path / "ads", AdsSettings(), "EUR")


@pytest.fixture
def step(advertising, monkeypatch):
    monkeypatch.setattr("openaisle.ads.pacing.Pacer.rate", lambda *_: 1.0)
    advertising.add(campaign())
    return AdStep(advertising.server(lambda each: Targets(each, str.split), np.random.default_rng(1)))


def ask(**values):
    scored = values.pop("scored", lambda ids: {id: SPONSORED[id].score for id in ids})
    return Ask("kettle", "q1", NOON, [hit.score for hit in PAGE], scored, **values)


def hits_of(ids):
    return {id: SPONSORED[id] for id in ids if id in SPONSORED}


def test_a_page_gets_its_ad_and_stays_as_long(step):
    page = step.arranged(ask(), PAGE, hits_of)
    assert [each.hit.id for each in page if each.sponsored] == ["k1"]
    assert page[3].hit.id == "k1"
    assert len(page) == 10


def test_a_product_that_is_gone_is_no_ad(step):
    assert not any(each.sponsored for each in step.arranged(ask(), PAGE, lambda ids: {}))


def test_ads_that_fail_leave_the_page_alone(step):
    def broken(ids):
        raise StorageError("The disk is full.", "Free some space.")

    assert [each.hit for each in step.arranged(ask(), PAGE, broken)] == PAGE


@pytest.mark.parametrize(
    ("values", "expected"),
    [({}, True), ({"query": " "}, False), ({"offset": 10}, False), ({"ordered": True}, False)],
)
def test_only_the_first_page_of_a_search_has_ads(step, values, expected):
    assert step.applies(**{"query": "kettle", "offset": 0, "ordered": False, **values}) is expected


def test_a_shop_without_slots_has_no_ads(database, tmp_path):
    advertising = Advertising(database, tmp_path, AdsSettings(slots=()), "EUR")
    assert not AdStep(advertising.server(lambda each: Targets(each, str.split))).applies(
        query="kettle", offset=0, ordered=False
    )


def test_bids_in_another_currency_are_refused(advertising, database, tmp_path):
    with pytest.raises(InvalidCampaign, match="EUR"):
        advertising.add(campaign(currency="USD"))
    with pytest.raises(SettingsError, match="currency"):
        Advertising(database, tmp_path, AdsSettings(), None).add(campaign())
