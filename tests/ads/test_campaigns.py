from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import NOON, campaign

from openaisle.ads.campaign import HOUR_MS, FrequencyCap, Keyword, Match, Schedule, Status
from openaisle.ads.campaigns import Campaigns
from openaisle.ads.draft import CampaignDraft, draft_of, read_draft
from openaisle.errors import CampaignExists, CampaignNotFound, InvalidCampaign

FIELDS = {
    "id": "kettles",
    "advertiser": "Lumora",
    "products": ["k1"],
    "currency": "EUR",
    "bid": "0.45",
    "daily_budget": "20",
    "keywords": [{"text": "kettle"}],
}
FULL = campaign(
    total_budget=90_000,
    name="Spring",
    keywords=(Keyword("电热水壶", Match.EXACT, 77), Keyword("kettle")),
    negatives=(Keyword("toy", Match.PHRASE),),
    topics=("boiling water",),
    schedule=Schedule(datetime(2026, 3, 1, tzinfo=UTC), None, frozenset({5, 6}), frozenset({9, 10})),
    cap=FrequencyCap(3, 24),
    time_zone="Asia/Shanghai",
)


def test_a_campaign_is_read_with_money_in_minor_units():
    read = read_draft(FIELDS).campaign()
    assert (read.bid, read.daily_budget, read.total_budget) == (45, 2000, None)


def test_a_campaign_survives_being_written():
    assert CampaignDraft.model_validate_json(draft_of(FULL).model_dump_json()).campaign() == FULL


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"bid": "0.455"}, "digits"),
        ({"bid": 0.45}, "bid"),
        ({"bid": "0"}, "above 0"),
        ({"negatives": [{"text": "toy", "bid": "0.455"}]}, "digits"),
        ({"keywords": [{"text": "kettle", "bid": "0.00"}]}, "above 0"),
        ({"currency": "euro"}, "currency"),
        ({"products": []}, "products"),
        ({"keywords": []}, "keywords or topics"),
        ({"time_zone": "Mars/Olympus"}, "time zone"),
        ({"time_zone": "../../etc/passwd"}, "time zone"),
        ({"id": "a b"}, "id"),
        ({"colour": "red"}, "colour"),
        ({"schedule": {"hours": [24]}}, "hours"),
    ],
)
def test_a_campaign_that_cannot_run_is_refused(change, told):
    with pytest.raises(InvalidCampaign, match=told):
        read_draft({**FIELDS, **change})


def test_campaigns_are_kept_paused_and_removed(database):
    campaigns = Campaigns(database)
    campaigns.add(FULL)
    campaigns.add(campaign(id="D"))
    before = campaigns.stamp()
    assert campaigns.get("C") == FULL
    assert campaigns.set_status("C", Status.PAUSED).status is Status.PAUSED
    assert campaigns.stamp() != before
    assert [each.id for each in campaigns.all()] == ["C", "D"]
    campaigns.set_status("C", Status.REMOVED)
    with pytest.raises(CampaignNotFound):
        campaigns.set_status("C", Status.ACTIVE)
    with pytest.raises(CampaignExists):
        campaigns.add(FULL)
    with pytest.raises(CampaignNotFound):
        campaigns.get("E")


def test_days_and_hours_are_the_campaigns_own():
    shanghai = campaign(time_zone="Asia/Shanghai", schedule=Schedule(hours=frozenset({20})))
    assert shanghai.runs(NOON)
    assert not shanghai.runs(NOON + HOUR_MS)
    assert shanghai.day(NOON + 4 * HOUR_MS) == "2026-03-02"
    assert not replace(shanghai, status=Status.PAUSED).runs(NOON)


@given(st.integers(0, 6), st.integers(0, 23))
def test_a_schedule_allows_its_hours_alone(weekday, hour):
    moment = datetime(2026, 3, 2 + weekday, hour, 59, tzinfo=UTC)
    assert Schedule(weekdays=frozenset({weekday}), hours=frozenset({hour})).allows(moment)
    assert not Schedule(weekdays=frozenset(range(7)) - {weekday}).allows(moment)
    assert not Schedule(hours=frozenset(range(24)) - {hour}).allows(moment)


def test_a_schedule_ends():
    schedule = Schedule(ends_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert schedule.allows(datetime(2026, 3, 1, 11, 59, tzinfo=UTC))
    assert not schedule.allows(datetime(2026, 3, 1, 12, tzinfo=UTC))
