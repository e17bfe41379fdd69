from dataclasses import dataclass
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.ads.placing import Ad, loss_bound, place


@dataclass(frozen=True)
class Hit:
    id: str


def ad(product, position):
    return Ad("C", "Lumora", product, "q", "kettle", "broad", position, 45, 0.8, 0.7, "token"), Hit(product)


def page(organic, *ads, size=10):
    return [
        ("*" if placed.sponsored else "") + placed.hit.id for placed in place([Hit(id) for id in organic], ads, size)
    ]


def test_ads_stand_in_their_places_and_the_rest_keeps_its_order():
    assert page("abcdefg", ad("X", 2), ad("Y", 4), size=6) == ["a", "*X", "b", "*Y", "c", "d"]


def test_a_product_is_shown_once():
    assert page("abcd", ad("c", 2)) == ["a", "*c", "b", "d"]
    assert page("abcd", ad("a", 3)) == ["a", "b", "c", "d"]


def test_a_short_page_shows_no_ad_beyond_its_end():
    assert page("ab", ad("X", 9)) == ["a", "b"]
    assert page("", ad("X", 4)) == []
    assert page("ab", ad("X", 3)) == ["a", "b", "*X"]


def test_what_is_sponsored_says_so_and_why_but_not_what_it_costs():
    (_, placed) = place([Hit("a")], [ad("X", 2)], 10)
    told = placed.ad.as_dict()
    assert told["explanation"] == {"matched": "broad keyword", "keyword": "kettle", "relevance": 0.8, "floor": 0.7}
    assert told["token"] == "token"
    assert "45" not in str(told)
    assert "price" not in str(told)


@given(
    st.lists(st.sampled_from("abcdefghijklmno"), unique=True),
    st.lists(st.tuples(st.sampled_from("abcXYZ"), st.integers(1, 12)), max_size=4),
    st.integers(0, 10),
)
def test_nothing_twice_nothing_lost_nothing_out_of_order(organic, ads, size):
    placed = place([Hit(id) for id in organic], [ad(product, position) for product, position in ads], size)
    ids = [each.hit.id for each in placed]
    assert len(ids) == len(set(ids)) <= size
    own = [each.hit.id for each in placed if not each.sponsored]
    assert own == [id for id in organic if id in own]
    for index, each in enumerate(placed):
        assert not each.sponsored or each.ad.position == index + 1
    if len(placed) < size:
        assert set(organic) <= set(ids)


def ndcg(gains, ideal):
    discounted = [sum(gain / log2(rank + 1) for rank, gain in enumerate(each[:10], 1)) for each in (gains, ideal)]
    return discounted[0] / discounted[1]


@given(
    st.lists(st.integers(0, 3), min_size=10, max_size=14).filter(any),
    st.sampled_from([(4, 9), (1,), (1, 2, 3), (3, 6, 9)]),
)
def test_no_page_loses_more_than_the_bound(gains, slots):
    organic = [Hit(str(rank)) for rank in range(len(gains))]
    placed = place(organic, [ad(f"X{slot}", slot) for slot in slots], 10)
    after = [0 if each.sponsored else gains[int(each.hit.id)] for each in placed]
    ideal = sorted(gains, reverse=True)
    assert ndcg(gains, ideal) - ndcg(after, ideal) <= loss_bound(slots) + 1e-9


@pytest.mark.parametrize(
    ("slots", "bound"), [((), 0.0), ((11,), 0.0), ((10,), 0.2891), ((4, 9), 0.3618), ((1,), 0.4035)]
)
def test_bounds_of_some_layouts(slots, bound):
    assert loss_bound(slots) == pytest.approx(bound, abs=1e-4)
