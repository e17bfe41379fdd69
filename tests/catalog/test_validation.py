import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.catalog.product import Availability
from openaisle.catalog.validation import check, checked_product
from openaisle.errors import InvalidProduct

GOOD = {"id": "1", "title": "Mug"}


def product(**fields):
    checked = check({**GOOD, **fields})
    assert checked.problems == ()
    return checked.product


def problems(**fields):
    checked = check({**GOOD, **fields})
    assert checked.product is None
    return [(problem.field, problem.reason) for problem in checked.problems]


def warned(**fields):
    checked = check({**GOOD, **fields})
    assert checked.product is not None
    return checked.product, [problem.field for problem in checked.warnings]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "   "}, "id"),
        ({"id": None}, "id"),
        ({"id": "x" * 257}, "id"),
        ({"id": "a\nb"}, "id"),
        ({"id": "a\x00b"}, "id"),
        ({"id": ["1"]}, "id"),
        ({"id": True}, "id"),
        ({"title": ""}, "title"),
        ({"title": "\x01\x02"}, "title"),
        ({"title": {}}, "title"),
        ({"title": {"en": 5}}, "title"),
        ({"title": {"not a language": "x"}}, "title"),
        ({"title": 5}, "title"),
        ({"price": -0.01}, "price"),
        ({"price": "-5"}, "price"),
        ({"price": math.nan}, "price"),
        ({"price": "nan"}, "price"),
        ({"price": math.inf}, "price"),
        ({"price": "inf"}, "price"),
        ({"price": 1e10}, "price"),
        ({"price": 10**400}, "price"),
        ({"price": True}, "price"),
        ({"price": {}}, "price"),
        ({"price": "ask us"}, "price"),
        ({"price": "5 USD", "sale_price": "4 EUR"}, "sale_price"),
        ({"currency": "dollars please"}, "currency"),
        ({"currency": 5}, "currency"),
        ({"stock": -1}, "stock"),
        ({"stock": 1.5}, "stock"),
        ({"stock": "many"}, "stock"),
        ({"stock": math.nan}, "stock"),
        ({"stock": 10**15}, "stock"),
        ({"rating": 5.1}, "rating"),
        ({"rating": -1}, "rating"),
        ({"rating": math.nan}, "rating"),
        ({"rating_count": -1}, "rating_count"),
        ({"attributes": []}, "attributes"),
        ({"attributes": {"x": math.nan}}, "attributes"),
        ({"attributes": {"x": 10**400}}, "attributes"),
        ({"attributes": {"": 1}}, "attributes"),
        ({"attributes": {str(n): n for n in range(501)}}, "attributes"),
        ({"ranking": {"margin": "high"}}, "ranking"),
        ({"ranking": {"margin": math.inf}}, "ranking"),
        ({"images": 5}, "images"),
        ({"category": {"a": 1}}, "category"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_what_cannot_be_sold_is_refused_naming_the_field(fields, field):
    found = problems(**fields)
    assert [name for name, _ in found] == [field]
    assert all(reason for _, reason in found)


def test_every_problem_of_a_row_is_told():
    assert {field for field, _ in problems(id="", price=-1, stock="x")} == {"id", "price", "stock"}


def test_numbers_and_texts_of_a_csv_become_what_they_mean():
    good = product(
        price="¥1,299.00", sale_price="999", stock="1,200", rating=" 4.5 ", rating_count="12", category="A > B"
    )
    assert (good.price, good.sale_price, good.currency, good.stock) == (1299.0, 999.0, "CNY", 1200)
    assert (good.rating, good.rating_count, good.category) == (4.5, 12, ("A", "B"))
    assert product(id=5).id == "5"
    assert product(id=5.0).id == "5"


def test_the_currency_in_a_price_beats_the_currency_field():
    assert product(price="5 USD", currency="EUR").currency == "USD"
    assert product(price="5", currency="€").currency == "EUR"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Shoes > Running", ("Shoes", "Running")),
        ("鞋/跑步鞋", ("鞋", "跑步鞋")),
        ("A|B|C", ("A", "B", "C")),
        ("Audio/Video > Players", ("Audio/Video", "Players")),
        (["A", " ", "B"], ("A", "B")),
        ("Single", ("Single",)),
    ],
)
def test_categories_are_paths(text, path):
    assert product(category=text).category == path


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("in stock", "in_stock"),
        ("https://schema.org/OutOfStock", "out_of_stock"),
        ("PreOrder", "preorder"),
        ("有货", "in_stock"),
        ("缺货", "out_of_stock"),
        ("backorder", "backorder"),
        ("已下架", "discontinued"),
    ],
)
def test_availability_in_many_words(word, meant):
    assert product(availability=word).availability is Availability(meant)


def test_doubtful_values_are_dropped_or_cut_with_a_warning():
    assert warned(gtin="4006381333932")[1] == ["gtin"]
    assert warned(gtin="4006381333932")[0].gtin is None
    assert warned(availability="perhaps")[1] == ["availability"]
    assert warned(url="javascript:alert(1)") == (product(), ["url"])
    assert warned(created_at="yesterday")[1] == ["created_at"]
    assert warned(price=5, sale_price=6)[0].sale_price is None
    assert warned(attributes={"x": [{}, "a"], "y": {1, 2}, "z": [{}]})[0].attributes == {"x": ("a",)}
    cut, fields = warned(title="t" * 1001, description="d" * 100_001)
    assert fields == ["title", "description"]
    assert (len(cut.title[""]), len(cut.description[""])) == (1000, 100_000)
    assert warned(images=["a.jpg", "data:image/png;base64,x", 5])[0].images == ("a.jpg",)


@pytest.mark.parametrize(
    "gtin", ["4006381333931", "400-638 133 3931", "96385074", "036000291452", "10614141000415", 4006381333931]
)
def test_valid_gtins_are_kept(gtin):
    assert product(gtin=gtin).gtin.isdigit()


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2025-01-31T12:00:00Z", datetime(2025, 1, 31, 12, tzinfo=UTC)),
        ("2025-01-31", datetime(2025, 1, 31, tzinfo=UTC)),
        ("2025/01/31 12:00", datetime(2025, 1, 31, 12, tzinfo=UTC)),
        (1738324800, datetime(2025, 1, 31, 12, tzinfo=UTC)),
        ("1738324800000", datetime(2025, 1, 31, 12, tzinfo=UTC)),
        (date(2025, 1, 31), datetime(2025, 1, 31, tzinfo=UTC)),
    ],
)
def test_dates_in_many_forms(raw, moment):
    assert product(created_at=raw).created_at == moment


def test_languages_are_primary_tags_unless_two_share_one():
    assert product(title={"zh-CN": "杯", "en_US": "Mug"}).title == {"zh": "杯", "en": "Mug"}
    assert product(title={"zh-CN": "杯", "zh-TW": "盃"}).title == {"zh": "杯", "zh-tw": "盃"}


def test_control_characters_and_lone_surrogates_are_stripped_and_emoji_stay():
    assert product(title="Mug\x00\x07 \ud800☕️\n").title == {"": "Mug ☕️"}
    assert product(attributes={"no\x00te": "a\x1bb"}).attributes == {"note": "ab"}


def test_attributes_keep_their_kinds_and_nested_ones_become_dotted():
    given_ = {
        "n": 5,
        "b": False,
        "l": ["x", 2, True],
        "o": {"p": {"q": "deep"}},
        "e": "",
        "z": None,
        "d": date(2025, 1, 2),
    }
    attributes = product(attributes=given_).attributes
    assert attributes == {"n": 5.0, "b": False, "l": ("x", "2", "true"), "o.p.q": "deep", "d": "2025-01-02"}
    assert type(attributes["n"]) is float


def test_one_product_at_a_time_is_an_error_that_names_every_problem():
    with pytest.raises(InvalidProduct) as refused:
        checked_product({"title": "x", "price": -1})
    assert "id" in refused.value.detail
    assert "price" in refused.value.detail


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


_NAMES = (
    "id title price stock gtin images url category attributes ranking rating created_at availability brand currency"
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*_NAMES.split(), "description", "unknown"], anything)))
def test_any_json_is_a_product_or_problems(record):
    checked = check(record)
    assert (checked.product is None) == bool(checked.problems)
    if checked.product is not None:
        assert checked.product.id
        assert checked.product.title
        assert checked.product.price is None or 0 <= checked.product.price <= 1e9
