from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openaisle.sample import figures


@given(st.text(), st.text())
def test_a_share_is_a_portion_and_stays_the_same(name: str, use: str) -> None:
    assert 0 <= figures.share(name, use) < 1
    assert figures.share(name, use) == figures.share(name, use)


def test_a_share_is_the_same_on_every_machine() -> None:
    assert round(figures.share("KT-001-1", "stock"), 9) == SHARE_OF_THE_FIRST_MUG


SHARE_OF_THE_FIRST_MUG = 0.735077922


@given(st.text())
def test_ratings_and_counts_stay_within_what_shops_show(name: str) -> None:
    assert 3.6 <= figures.rating(name) <= 4.9
    assert 2 <= figures.rating_count(name) <= 4000
    assert 0 <= figures.popularity(name) <= 1
    assert figures.stock(name) >= 0


def test_about_one_product_in_twelve_is_sold_out() -> None:
    empty = sum(figures.stock(str(number)) == 0 for number in range(6000))
    assert 400 < empty < 600


def test_check_digits_follow_gs1() -> None:
    assert figures.check_digit("629104150021") == "3"
    assert figures.check_digit("400638133393") == "1"


@given(st.integers(1, 99), st.integers(1, 999), st.integers(1, 99), st.integers(0, 99))
def test_a_gtin_has_thirteen_digits_in_the_range_for_use_inside_a_shop(
    place: int, kind: int, model: int, row: int
) -> None:
    gtin = figures.gtin(place, kind, model, row)
    assert len(gtin) == 13
    assert gtin.startswith("200")
    weighted = sum(int(digit) * (1 if index % 2 == 0 else 3) for index, digit in enumerate(gtin))
    assert weighted % 10 == 0
