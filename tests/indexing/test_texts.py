from __future__ import annotations

import pytest

from openaisle.catalog.product import AttributeValue, Product
from openaisle.engines.protocol import WRITTEN
from openaisle.indexing.texts import SPELLING, attribute_words, encoded_text, identifier_term, searchable_terms
from openaisle.language import Analyzer

PRODUCT = Product(
    id="SKU 7",
    title={"en": "Steel Bottle", "zh": "不锈钢保温杯"},
    description={"en": "Keeps tea hot."},
    brand="Nordlicht",
    category=("Kitchen", "Bottles"),
    attributes={"colour": "blue", "volume_ml": 500.0, "dishwasher_safe": True, "vegan": False, "uses": ("tea", "茶")},
    gtin="4006381333931",
    mpn="NL-500X",
)


def test_terms_by_field() -> None:
    analyzer = Analyzer()
    terms = searchable_terms(PRODUCT, analyzer)
    assert terms["title"] == [*analyzer.terms("Steel Bottle"), *analyzer.terms("不锈钢保温杯")]
    assert terms["brand"] == analyzer.terms("Nordlicht")
    assert terms["category"] == [*analyzer.terms("Kitchen"), *analyzer.terms("Bottles")]
    assert set(analyzer.terms("dishwasher safe")) <= set(terms["attributes"])
    assert not set(analyzer.terms("vegan")) & set(terms["attributes"])
    assert {"=sku7", "=4006381333931", "=nl500x"} <= set(terms["identifiers"])


def test_words_as_they_are_written_are_kept_apart() -> None:
    written = searchable_terms(PRODUCT, Analyzer())[SPELLING]
    assert set(written) == {f"{WRITTEN}{word}" for word in ("steel", "bottle", "nordlicht", "kitchen", "bottles")}


def test_empty_fields_are_left_out() -> None:
    assert set(searchable_terms(Product(id="1", title={"": "!!!"}), Analyzer())) == {"identifiers"}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("colour", "blue", ["blue"]),
        ("volume_ml", 350.0, ["350 ml"]),
        ("weight_kg", 1.5, ["1.5 kg"]),
        ("dishwasher_safe", True, ["dishwasher safe"]),
        ("vegan", False, []),
        ("uses", ("tea", "茶"), ["tea", "茶"]),
    ],
)
def test_how_attributes_read(name: str, value: AttributeValue, words: list[str]) -> None:
    assert list(attribute_words(name, value)) == words


@pytest.mark.parametrize("typed", ["NL-500X", "nl500x", " nl 500 x ", "NL_500.X", "nl/500x"])
def test_an_identifier_however_it_is_typed(typed: str) -> None:
    assert identifier_term(typed) == "=nl500x"


def test_the_encoded_text_follows_the_fields() -> None:
    assert encoded_text(PRODUCT, ("brand", "title")) == "Nordlicht Steel Bottle 不锈钢保温杯"
    assert encoded_text(PRODUCT, ("category", "description", "identifiers")) == "Bottles Keeps tea hot. NL-500X"
    assert encoded_text(PRODUCT, ("attributes",)) == "blue, 500 ml, dishwasher safe, tea, 茶"
    assert encoded_text(Product(id="1", title={"": "mug"}), ("brand", "title", "description")) == "mug"
