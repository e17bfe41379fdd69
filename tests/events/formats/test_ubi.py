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

ubi = FORMATS["ubi"]
QUERY: dict[str, Any] = {
    "application": "shop",
    "query_id": "q-1",
    "client_id": "c-1",
    "user_query": "blue mug",
    "query_response_hit_ids": ["MUG", "CUP"],
    "timestamp": "2025-06-15T15:06:40Z",
}
CLICK: dict[str, Any] = {
    "action_name": "click",
    "query_id": "q-1",
    "client_id": "c-1",
    "timestamp": "2025-06-15T15:06:45.500Z",
    "event_attributes": {
        "session_id": "s-1",
        "object": {"object_id": "MUG", "object_id_field": "id", "object_detail": {"price": 12.5, "currency": "eur"}},
        "position": {"ordinal": 3},
    },
}


def test_a_query_is_one_query_and_no_impressions() -> None:
    (event,) = ubi.read(QUERY).events
    assert (event.kind, event.query, event.query_id, event.shopper) == (Kind.QUERY, "blue mug", "q-1", "c-1")


def test_an_event_keeps_its_place_and_product() -> None:
    (event,) = ubi.read(CLICK).events
    assert (event.kind, event.time, event.session) == (Kind.CLICK, 1_750_000_005_500, "s-1")
    assert (event.product_id, event.position, event.price, event.currency) == ("MUG", 3, 12.5, "EUR")
    assert event.source is Source.SEARCH


@pytest.mark.parametrize(
    ("name", "kind"),
    [("impression", Kind.IMPRESSION), ("Add-to-Cart", Kind.CART), ("purchase", Kind.ORDER), ("view", Kind.VIEW)],
)
def test_actions(name: str, kind: Kind) -> None:
    assert ubi.read({**CLICK, "action_name": name}).events[0].kind is kind


def test_both_indexes_tell_of_one_query() -> None:
    asked = {**CLICK, "action_name": "search", "user_query": "blue mug"}
    assert ubi.read(asked).events[0].id == ubi.read(QUERY).events[0].id


def test_an_older_position_is_an_object() -> None:
    attributes = {**CLICK["event_attributes"], "position": {"ordinal": {"index": 7}}}
    assert ubi.read({**CLICK, "event_attributes": attributes}).events[0].position == 7


def test_a_dump_of_the_index_keeps_its_ids() -> None:
    first, second = (ubi.read({"_id": name, "_source": CLICK}).events[0] for name in ("a", "b"))
    assert first.id != second.id
    assert (first.product_id, second.product_id) == ("MUG", "MUG")


def test_other_actions_are_passed_over_by_name() -> None:
    with pytest.raises(Passed) as passed:
        ubi.read({**CLICK, "action_name": "page_exit"})
    assert passed.value.name == "page_exit"


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["object", "position"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*CLICK, "_source", "user_query"]), json))
def test_no_record_breaks_it(record: dict[str, Any]) -> None:
    with contextlib.suppress(Unfit, Passed):
        assert ubi.read({**CLICK, **record}).events
