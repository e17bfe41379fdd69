"""What is read off a product, however it is written, and what is kept of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.profiles.facts import FactsAtHand, facts_of

MUG = {
    "id": "m",
    "title": {"en": "Red  Mug", "zh": "红色马克杯"},
    "brand": "Lumora",
    "category": ["Kitchen", "Drinkware", "Mugs"],
    "price": 20,
    "sale_price": 15.5,
    "attributes": {
        "colour": "red",
        "colour_zh": "红色",
        "category_zh": ["厨具"],
        "capacity_ml": 300,
        "dishwasher_safe": True,
        "features": ["lid", "spoon"],
        "brand": "not that",
    },
}


def test_a_product_is_brand_path_and_attributes() -> None:
    facts = facts_of(MUG)
    assert set(facts.traits) == {
        ("brand", "Lumora"),
        ("category", "Kitchen"),
        ("category", "Kitchen > Drinkware"),
        ("category", "Kitchen > Drinkware > Mugs"),
        ("colour", "red"),
        ("dishwasher_safe", "yes"),
        ("features", "lid"),
        ("features", "spoon"),
    }
    assert (facts.path, facts.price) == ("Kitchen > Drinkware > Mugs", 15.5)
    assert facts.titles == {"red mug", "红色马克杯"}


@pytest.mark.parametrize("price", [0, -1, math.nan, math.inf, True, "12", None, [3]])
def test_what_is_no_price_is_none(price: object) -> None:
    assert facts_of({**MUG, "sale_price": None, "price": price}).price is None


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=100),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
FIELDS = ("title", "brand", "category", "price", "sale_price", "attributes")


@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, json)))
def test_damaged_products_have_facts(body: Mapping[str, Any]) -> None:
    facts = facts_of(body)
    assert all(isinstance(part, str) and part for trait in facts.traits for part in trait if trait[0])
    assert facts.price is None or 0 < facts.price < math.inf
    assert len(facts.traits) <= 1 + 6 + 32 * 8


def test_facts_are_read_once_and_bounded() -> None:
    asked: list[str] = []

    def read(ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        asked.extend(ids)
        return {id: {**MUG, "id": id} for id in ids if id != "gone"}

    facts = FactsAtHand(read, most=3)
    assert facts.of(["a", "gone", "a"])[1] is None
    facts.of(["a", "gone"])
    assert asked.count("a") <= 2
    assert asked.count("gone") == 1
    facts.of(["b", "c", "d"])
    before = len(asked)
    facts.of(["d"])
    assert len(asked) == before
    facts.of(["a"])
    assert len(asked) == before + 1


def test_old_facts_are_read_again() -> None:
    asked: list[str] = []

    def read(ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        asked.extend(ids)
        return dict.fromkeys(ids, MUG)

    facts = FactsAtHand(read, seconds=-1)
    facts.of(["a"])
    facts.of(["a"])
    assert asked == ["a", "a"]
