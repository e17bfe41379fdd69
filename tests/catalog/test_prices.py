import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.catalog.prices import parse_currency, parse_money
from openaisle.catalog.problems import Unfit


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("19.99", 19.99, None),
        ("19.99 USD", 19.99, "USD"),
        ("USD 19.99", 19.99, "USD"),
        ("$1,299", 1299, "USD"),
        ("¥1,299.00", 1299, "CNY"),
        ("￥１２９９", 1299, "CNY"),
        ("19,99 €", 19.99, "EUR"),
        ("1.299,00 €", 1299, "EUR"),
        ("1.299 €", 1299, "EUR"),
        ("1 299,50 €", 1299.5, "EUR"),
        ("1'299.50 CHF", 1299.5, "CHF"),
        ("1,234,567", 1234567, None),
        ("1.234.567,8", 1234567.8, None),
        ("12.5元", 12.5, "CNY"),
        ("人民币 88", 88, "CNY"),
        ("1.2万元", 12000, "CNY"),
        ("HK$88", 88, "HKD"),
        ("US$19.99", 19.99, "USD"),
        ("$19.99 CAD", 19.99, "CAD"),
        ("¥99元", 99, "CNY"),
        ("£5", 5, "GBP"),
        ("0", 0, None),
        ("-5", -5, None),
        (" 7.5 ", 7.5, None),
        ("12.", 12, None),
    ],
)
def test_prices_as_feeds_write_them(text, amount, currency):
    assert parse_money(text) == (pytest.approx(amount), currency)


@pytest.mark.parametrize(
    "text", ["", "free", "nan", "inf", "1e400x", "12-15", "1,2,3.4.5", "from 12 to 15", "€", "5 stars", "x" * 500]
)
def test_what_is_no_price_is_refused(text):
    with pytest.raises(Unfit):
        parse_money(text)


@given(st.decimals(0, 10**7, places=2))
def test_every_way_to_write_an_amount_means_the_same(amount):
    expected = pytest.approx(float(amount))
    english, german = f"{amount:,.2f}", f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
    for text in (f"{amount:.2f}", english, german, f"${english}", f"{german} €", f"CNY {english}"):
        assert parse_money(text).amount == expected, text


@given(st.text(max_size=40))
def test_any_text_is_a_price_or_refused(text):
    try:
        money = parse_money(text)
    except Unfit:
        return
    assert money.amount == money.amount


def test_currencies_by_code_sign_and_name():
    assert [parse_currency(text) for text in ("cny", "¥", "人民币", "€", " usd ")] == [
        "CNY",
        "CNY",
        "CNY",
        "EUR",
        "USD",
    ]
    with pytest.raises(Unfit):
        parse_currency("dollars and cents")
