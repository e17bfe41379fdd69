import pytest
from made import NOON, campaign

from openaisle.ads.auction import generalised_second_price, vickrey_clarke_groves
from openaisle.ads.campaign import Keyword
from openaisle.ads.market.population import looked_at, made_market, market_of
from openaisle.ads.market.regret import regret
from openaisle.ads.market.trial import Plan, trial

PLACES = (500_000, 333_333)


@pytest.fixture(scope="module")
def found():
    keywords = tuple(map(Keyword, ("kettle", "mug", "lamp", "tent", "rug", "bowl")))
    rivals = [
        campaign(
            id=f"c{n}",
            advertiser=f"a{n}",
            products=(f"p{n}", f"q{n}"),
            bid=30 + 10 * n,
            daily_budget=400,
            keywords=keywords,
        )
        for n in range(6)
    ]
    return trial(market_of(rivals, 3), Plan(3, 1500, auctions=5))


def test_no_budget_is_overspent_and_the_books_add_up(found):
    assert found.overspent == 0
    assert found.discrepancies == 0
    assert found.figures.clicks == found.diary.taken.billed > 50
    assert found.figures.impressions == found.diary.taken.impressions > 500
    assert 0 < found.figures.spend <= found.budget


def test_predicted_clicks_are_those_that_happen(found):
    assert found.reliability.ece < 0.04
    assert found.reliability.ratio == pytest.approx(1, abs=0.35)


def test_throttled_campaigns_keep_to_their_plan(found):
    assert len(found.constrained) >= 3  # of some 25 clicks each, so that one more or less is 4 % of a budget
    assert sum(found.pacing_errors) / len(found.pacing_errors) < 0.08


def test_programs_are_not_paid_for(found):
    assert found.diary.taken.free > 0


def test_the_same_seed_gives_the_same_market():
    one, two, other = made_market(5), made_market(5), made_market(6)
    assert one == two
    assert one != other
    assert regret(one, vickrey_clarke_groves, PLACES, 2, 1) == regret(two, vickrey_clarke_groves, PLACES, 2, 1)


def test_on_the_market_no_deviation_pays_under_vcg_and_some_under_gsp():
    market = made_market(1)
    honest, second = (
        regret(market, auction, PLACES, 25, 1) for auction in (vickrey_clarke_groves, generalised_second_price)
    )
    assert (honest.paying, honest.largest) == (0, 0.0)
    assert second.paying > 0
    assert second.revenue >= honest.revenue


def test_a_shops_own_campaigns_make_a_market():
    market = market_of([campaign(keywords=(Keyword("kettle"), Keyword("tea pot")), topics=("boiling",))], 1)
    assert {query.text for query in market.queries} == {"kettle", "tea pot", "boiling"}
    assert sum(query.weight for query in market.queries) == pytest.approx(1)
    assert 0 < market.rate("C", "k1", market.queries[0]) < 1
    assert looked_at(1) == 1 > looked_at(4)
    assert market.campaigns[0].runs(NOON)
