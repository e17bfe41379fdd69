from datetime import UTC, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from openaisle.catalog.product import Availability, Product
from openaisle.catalog.serialization import from_json, to_json
from openaisle.catalog.validation import check

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=20).filter(
    lambda text: text == text.strip()
)
texts = st.dictionaries(st.sampled_from(["", "en", "zh", "de"]), words, min_size=1)
amounts = st.floats(0, 1e9, allow_nan=False)
moments = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
values = st.one_of(
    words, st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.lists(words, min_size=1).map(tuple)
)
products = st.builds(
    Product,
    id=words,
    title=texts,
    description=st.one_of(st.just({}), texts),
    group_id=st.none() | words,
    brand=st.none() | words,
    category=st.lists(words.filter(lambda text: not set(text) & set(">|/＞»／")), max_size=4).map(tuple),
    price=amounts,
    sale_price=st.none() | st.just(0.0),
    currency=st.sampled_from([None, "CNY", "USD"]),
    stock=st.none() | st.integers(0, 10**9),
    availability=st.none() | st.sampled_from(Availability),
    attributes=st.dictionaries(words, values, max_size=4),
    images=st.lists(st.sampled_from(["https://x.y/a.jpg", "images/b.svg"]), unique=True).map(tuple),
    url=st.none() | st.just("https://x.y/p"),
    gtin=st.none() | st.just("4006381333931"),
    mpn=st.none() | words,
    rating=st.none() | st.floats(0, 5),
    rating_count=st.none() | st.integers(0, 10**6),
    created_at=st.none() | moments,
    updated_at=st.none() | moments,
    ranking=st.dictionaries(words, st.floats(allow_nan=False, allow_infinity=False), max_size=3),
)


@given(products)
def test_a_product_survives_json(product):
    assert from_json(orjson.loads(orjson.dumps(to_json(product)))) == product


@given(products)
def test_its_json_passes_validation_as_the_same_product(product):
    checked = check(orjson.loads(orjson.dumps(to_json(product))))
    assert checked.problems == ()
    assert checked.product == product


def test_what_is_absent_is_left_out_and_one_unstated_language_is_plain_text():
    assert to_json(Product(id="1", title={"": "Mug"})) == {"id": "1", "title": "Mug"}
    assert to_json(Product(id="1", title={"": "杯", "en": "Mug"}))["title"] == {"": "杯", "en": "Mug"}
    assert to_json(Product(id="1", title={"": "x"}, stock=0, price=0.0)) == {
        "id": "1",
        "title": "x",
        "stock": 0,
        "price": 0.0,
    }


def test_every_field_of_a_product_is_written_and_validated():
    from openaisle.catalog.fields import PARSERS

    assert set(PARSERS) == set(Product.__dataclass_fields__)
