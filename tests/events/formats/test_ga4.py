"""Records as BigQuery writes them: whole numbers as text, parameters as lists of typed values."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.events.event import Kind, Source
from openaisle.events.formats import FORMATS
from openaisle.events.formats.format import Passed
from openaisle.events.problems import Unfit

ga4 = FORMATS["ga4"]


def exported(name: str, items: list[dict[str, Any]] | None = None, **parameters: Any) -> dict[str, Any]:
    typed = [
        {"key": key, "value": {"int_value": str(value)} if isinstance(value, int) else {"string_value": value}}
        for key, value in parameters.items()
    ]
    return {
        "event_date": "20250615",
        "event_timestamp": "1750000000000123",
        "event_name": name,
        "event_params": typed,
        "user_pseudo_id": "1234.5678",
        "items": items or [],
    }


SHIRT = {
    "item_id": "SHIRT",
    "item_name": "Shirt",
    "price": 14.0,
    "quantity": "2",
    "item_list_name": "Search Results",
    "item_list_index": "4",
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("view_item_list", Kind.IMPRESSION),
        ("select_item", Kind.CLICK),
        ("view_item", Kind.VIEW),
        ("add_to_cart", Kind.CART),
        ("purchase", Kind.ORDER),
        ("refund", Kind.RETURN),
    ],
)
def test_kinds(name: str, kind: Kind) -> None:
    record = exported(name, [SHIRT, {"item_id": "HAT"}], ga_session_id=77, currency="USD")
    shirt, hat = ga4.read(record).events
    assert (shirt.kind, shirt.time, shirt.shopper, shirt.session) == (
        kind,
        1_750_000_000_000,
        "1234.5678",
        "1234.5678.77",
    )
    assert (shirt.product_id, shirt.price, shirt.currency, shirt.quantity) == ("SHIRT", 14.0, "USD", 2)
    assert (shirt.position, shirt.source, shirt.placement) == (5, Source.SEARCH, "Search Results")
    assert (hat.position, hat.price, hat.quantity, hat.source) == (None, None, 1, Source.OTHER)


@pytest.mark.parametrize("name", ["search", "view_search_results"])
def test_searches(name: str) -> None:
    (query,) = ga4.read(exported(name, search_term="red shirt")).events
    assert (query.kind, query.query, query.source) == (Kind.QUERY, "red shirt", Source.SEARCH)


def test_the_same_record_always_gets_the_same_ids() -> None:
    first, second = (ga4.read(exported("purchase", [SHIRT, SHIRT])).events for _ in range(2))
    assert first == second
    assert len({event.id for event in first}) == 2
    later = ga4.read({**exported("purchase", [SHIRT]), "event_timestamp": "1750000000000124"}).events
    assert later[0].id not in {event.id for event in first}


def test_a_known_shopper_goes_by_the_shops_own_id() -> None:
    (event,) = ga4.read({**exported("view_item", [SHIRT]), "user_id": "customer-17"}).events
    assert event.shopper == "customer-17"


def test_recommendations_are_told_by_their_list() -> None:
    (event,) = ga4.read(exported("select_item", [{**SHIRT, "item_list_name": "You may also like"}])).events
    assert event.source is Source.RECOMMENDATION


def test_what_is_not_set_is_nothing() -> None:
    (event,) = ga4.read(
        exported("view_item", [{**SHIRT, "item_list_name": "(not set)", "item_list_index": "(not set)"}])
    ).events
    assert (event.position, event.placement) == (None, "")


@pytest.mark.parametrize("name", ["page_view", "scroll", "begin_checkout", "session_start"])
def test_what_concerns_no_product_is_passed_over_by_name(name: str) -> None:
    with pytest.raises(Passed) as passed:
        ga4.read(exported(name))
    assert passed.value.name == name


@pytest.mark.parametrize(
    "record",
    [
        exported("view_item"),
        exported("search"),
        exported("purchase", [SHIRT] * 1001),
        exported("view_item", ["SHIRT"]),  # type: ignore[list-item]
        {**exported("view_item", [SHIRT]), "event_timestamp": None},
        exported("view_item", [{**SHIRT, "quantity": "many"}]),
    ],
)
def test_records_that_lack_what_they_need_are_refused(record: dict[str, Any]) -> None:
    with pytest.raises(Unfit):
        ga4.read(record)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["key", "value", "item_id"]), inner),
    max_leaves=8,
)


@given(st.sampled_from(["purchase", "search", "x"]), st.dictionaries(st.sampled_from(list(exported("x"))), json))
def test_no_record_breaks_it(name: str, record: dict[str, Any]) -> None:
    with contextlib.suppress(Unfit, Passed):
        assert ga4.read({**exported(name, [SHIRT]), **record}).events
