from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.ads.money import LARGEST, major_units, minor_units, minor_units_up, rounded


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.45", "EUR", 45),
        ("12", "EUR", 1200),
        ("7", "JPY", 7),
        ("0.005", "KWD", 5),
        ("0.10", "CNY", 10),
        (3, "USD", 300),
    ],
)
def test_amounts_become_minor_units(amount, currency, expected):
    assert minor_units(amount, currency) == expected


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0.455", "EUR"),
        ("0.5", "JPY"),
        ("-1", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("", "EUR"),
        ("1e30", "EUR"),
    ],
)
def test_what_is_no_amount_is_refused(amount, currency):
    with pytest.raises(ValueError, match=r"amount|digits|more"):
        minor_units(amount, currency)


@pytest.mark.parametrize(("amount", "currency", "expected"), [("0.01", "JPY", 1), ("0.05", "EUR", 5), ("0", "EUR", 1)])
def test_a_reserve_is_a_whole_amount_in_any_currency(amount, currency, expected):
    assert minor_units_up(amount, currency) == expected


@given(st.integers(0, LARGEST), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_amounts_survive_being_written(amount, currency):
    assert minor_units(major_units(amount, currency), currency) == amount


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.floats(0, 1, exclude_max=True))
def test_a_rounded_price_is_next_to_it_and_never_above_a_whole_bid(numerator, denominator, share):
    price = Fraction(numerator, denominator)
    whole = rounded(price, share)
    assert abs(whole - price) < 1
    assert whole <= -(-numerator // denominator)


def test_rounding_loses_nothing_over_many_clicks():
    price = Fraction(10, 3)
    assert sum(rounded(price, (share + 0.5) / 3000) for share in range(3000)) == 3000 * price
