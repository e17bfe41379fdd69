from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.ads.pacing import Pacer, TrafficCurve, pacing_error, participates, passed_of_day

EVENING = TrafficCurve.of([1, 1, 1, 1, 1, 2, 3, 5, 6, 6, 6, 7, 8, 7, 6, 6, 7, 8, 10, 12, 13, 11, 6, 3])
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def day(reach, traffic, believed, seed=0, budget=10_000, price=50):
    """A day of a campaign that would spend `reach` budgets unthrottled, in steps of a minute; (passed, spent) pairs."""
    chance, pacer, spent, seen = np.random.default_rng(seed), Pacer(), 0, []
    for minute in range(24 * 60):
        now = MIDNIGHT + timedelta(minutes=minute)
        rate = pacer.rate(budget, spent, believed.passed(now))
        clicks = reach * budget / price * traffic.shares[now.hour] / 60
        spent = min(budget, spent + price * int(chance.poisson(clicks * rate)))
        seen.append((traffic.passed(now), spent / budget))
    return seen


@pytest.mark.parametrize("reach", [1.5, 3, 10, 100])
def test_spend_follows_the_traffic(reach):
    seen = day(reach, EVENING, EVENING)
    assert pacing_error(seen) < 0.03
    assert seen[-1][1] > 0.97


def test_without_pacing_it_would_not():
    spent = [(EVENING.passed(now), min(1.0, 10 * EVENING.passed(now))) for now in minutes()]
    assert pacing_error(spent) > 0.3


def minutes():
    return [MIDNIGHT + timedelta(minutes=minute) for minute in range(24 * 60)]


def test_a_campaign_that_cannot_spend_its_budget_takes_part_in_everything():
    pacer, spent = Pacer(), 0
    for now in minutes():
        rate = pacer.rate(10_000, spent, EVENING.passed(now))
        spent = int(2_000 * EVENING.passed(now))
    assert rate == 1.0


def test_another_day_than_expected_is_still_spent():
    seen = day(5, TrafficCurve.flat(), EVENING)
    assert 0.95 < seen[-1][1] <= 1


def test_nothing_is_bid_without_money():
    assert Pacer().rate(100, 100, 0.5) == 0
    assert not participates(0.0, 0.0)
    assert participates(1.0, 0.999)


def test_a_new_day_begins_anew():
    pacer = Pacer()
    for now in minutes():
        pacer.rate(10_000, int(10_000 * EVENING.passed(now)), EVENING.passed(now))
    before = pacer.rate(10_000, 9_999, 0.999)
    assert pacer.rate(10_000, 0, 0.0) == before


@given(st.lists(st.floats(0, 100), min_size=24, max_size=24), st.lists(st.integers(0, 86_399), min_size=2, max_size=9))
def test_a_curve_rises_from_nothing_to_all(weights, seconds):
    curve = TrafficCurve.of(weights)
    passed = [curve.passed(MIDNIGHT + timedelta(seconds=second)) for second in sorted(seconds)]
    assert passed == sorted(passed)
    assert all(0 <= share <= 1 + 1e-9 for share in passed)
    assert curve.passed(MIDNIGHT) == 0


def test_hours_that_a_campaign_does_not_run_in_bring_it_nothing():
    curve = EVENING.within(frozenset({9, 10}))
    assert curve.passed(MIDNIGHT + timedelta(hours=9)) < 1e-3
    assert curve.passed(MIDNIGHT + timedelta(hours=11)) > 0.999


def test_a_curve_is_read_by_the_campaigns_own_clock():
    noon = TrafficCurve.of([0.0] * 12 + [1.0] + [0.0] * 11)
    every = frozenset(range(24))
    shanghai = ZoneInfo("Asia/Shanghai")
    assert passed_of_day(noon, every, datetime(2026, 3, 1, 19, 59, tzinfo=shanghai)) < 0.01
    assert passed_of_day(noon, every, datetime(2026, 3, 1, 21, 1, tzinfo=shanghai)) > 0.99
    four = datetime(2026, 3, 1, 4, tzinfo=shanghai)  # 20 o'clock by UTC
    assert passed_of_day(EVENING, frozenset({3, 4}), four) == pytest.approx(12 / 25, abs=1e-3)


def test_a_curve_has_24_hours():
    with pytest.raises(ValueError, match="24"):
        TrafficCurve.of([1.0])
