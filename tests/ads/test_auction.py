from fractions import Fraction
from itertools import permutations

import pytest
from auctions import BIDS, PLACES, RESERVES, gain, revenue
from hypothesis import given
from hypothesis import strategies as st

from openaisle.ads.auction import Bid, generalised_second_price, quality_of, vickrey_clarke_groves

BOTH = pytest.mark.parametrize("auction", [generalised_second_price, vickrey_clarke_groves])
EXAMPLE = [Bid("a", 10, 1), Bid("b", 4, 1), Bid("c", 2, 1)]
"""Edelman, Ostrovsky and Schwarz (2007): two places with 200 and 100 clicks."""


def test_prices_of_the_textbook_example():
    assert [award.price for award in generalised_second_price(EXAMPLE, [200, 100])] == [4, 2]
    assert [award.price for award in vickrey_clarke_groves(EXAMPLE, [200, 100])] == [3, 2]


def test_quality_weighs_bids_and_divides_prices():
    awards = generalised_second_price([Bid("good", 10, 60), Bid("bad", 20, 20)], [100])
    assert [(award.bid.bidder, award.price) for award in awards] == [("good", 7)]  # 400 / 60, up to a whole unit


def test_a_lone_bidder_pays_the_reserve():
    for auction in (generalised_second_price, vickrey_clarke_groves):
        assert [award.price for award in auction([Bid("a", 10, 5)], [9, 4], 3)] == [3]
        assert auction([Bid("a", 10, 5)], [9, 4], 11) == ()


@BOTH
@given(BIDS, PLACES, RESERVES)
def test_nobody_pays_more_than_bid_or_less_than_the_reserve(auction, bids, places, reserve):
    awards = auction(bids, places, reserve)
    assert len(awards) == min(len(places), sum(bid.amount >= reserve for bid in bids))
    assert all(reserve <= award.price <= award.bid.amount for award in awards)


@given(BIDS, PLACES, RESERVES, st.data())
def test_under_vcg_no_deviation_pays(bids, places, reserve, data):
    own = data.draw(st.sampled_from(bids))
    honest = gain(vickrey_clarke_groves, bids, places, reserve, own, own.amount)
    assert honest >= 0
    for said in range(75):
        assert gain(vickrey_clarke_groves, bids, places, reserve, own, said) <= honest


def test_under_gsp_a_deviation_can_pay():
    bids = [Bid("a", 10, 1), Bid("b", 9, 1), Bid("c", 1, 1)]
    assert gain(generalised_second_price, bids, [200, 180], 0, bids[0], 5) > gain(
        generalised_second_price, bids, [200, 180], 0, bids[0], 10
    )


@given(BIDS, PLACES, RESERVES)
def test_gsp_asks_no_less_than_vcg_of_the_same_bids(bids, places, reserve):
    second, ladder = generalised_second_price(bids, places, reserve), vickrey_clarke_groves(bids, places, reserve)
    assert [award.bid for award in second] == [award.bid for award in ladder]
    assert all(high.price >= low.price for high, low in zip(second, ladder, strict=True))
    assert revenue(second, places) >= revenue(ladder, places)


@given(BIDS, RESERVES)
def test_with_one_place_both_are_the_second_price(bids, reserve):
    second, ladder = generalised_second_price(bids, [7], reserve), vickrey_clarke_groves(bids, [7], reserve)
    assert all(0 <= high.price - low.price < 1 or high.price == 1 for high, low in zip(second, ladder, strict=True))


@BOTH
@given(BIDS.filter(lambda bids: len(bids) <= 5), PLACES)
def test_places_go_to_whom_they_are_worth_most(auction, bids, places):
    def welfare(order):
        return sum(share * bid.score for share, bid in zip(places, order, strict=False))

    best = max(welfare(order) for order in permutations(bids))
    assert welfare([award.bid for award in auction(bids, places, 0)]) == best


@given(BIDS, PLACES)
def test_vcg_charges_the_loss_of_the_others(bids, places):
    """The price as VCG defines it: the best the others could do alone, less what they get now."""

    def welfare(order):
        return sum(share * bid.score for share, bid in zip(places, order, strict=False))

    awards = vickrey_clarke_groves(bids, places)
    order = sorted(bids, key=lambda bid: (-bid.score, bid.bidder))
    for award in awards:
        others = [bid for bid in order if bid is not award.bid]
        now = welfare(order) - places[award.place] * award.bid.score
        assert places[award.place] * award.bid.quality * award.price == welfare(others) - now


@BOTH
def test_rising_places_are_refused(auction):
    for places in ([1, 2], [1, 0]):
        with pytest.raises(ValueError, match="rise"):
            auction(EXAMPLE, places)


def test_quality_is_never_nothing():
    assert (quality_of(0.0), quality_of(0.031)) == (1, 31_000)
    assert Fraction(1, quality_of(0)) == 1
