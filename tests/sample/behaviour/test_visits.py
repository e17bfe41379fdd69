from random import Random

import pytest

from openaisle.sample.behaviour.shoppers import Shopper, Taste
from openaisle.sample.behaviour.visits import LONGEST_MS, visit

BEGIN = 1_700_000_000_000


@pytest.fixture
def shopper(written):
    errand = next(errand for errand in written.errands if errand.name == "running")
    return Shopper("ann", (errand,), Taste(frozenset({("brand", "Pacewren 疾鹪"), ("colour", "mint")}), 0.0), 30)


@pytest.fixture
def visits(shopper, pages):
    return [visit(shopper, number, BEGIN, pages, Random(number)) for number in range(200)]


def test_everything_is_done_by_one_shopper_in_one_session_in_order(visits):
    for number, events in enumerate(visits):
        assert {(event["shopper"], event["session"]) for event in events} == {("ann", f"ann-{number}")}
        times = [event["time"] for event in events]
        assert times == sorted(times)
        assert BEGIN < times[0] <= times[-1] < BEGIN + LONGEST_MS
        assert len({event["id"] for event in events}) == len(events)


def test_only_what_was_seen_is_clicked_and_only_what_was_in_the_cart_is_ordered(visits, shopper):
    for events in visits:
        by_kind = {}
        for event in events:
            place = (event["query_id"], event.get("product_id"), event.get("position"))
            by_kind.setdefault(event["kind"], set()).add(place)
            assert event["query"] in shopper.errands[0].queries
        assert by_kind["click"] <= by_kind["impression"]
        assert by_kind.get("order", set()) in (set(), by_kind.get("cart", set()))
        asked = {query_id for query_id, _, _ in by_kind["query"]}
        assert {query_id for places in by_kind.values() for query_id, _, _ in places} == asked
    kinds = {event["kind"] for events in visits for event in events}
    assert kinds == {"query", "impression", "click", "view", "cart", "order"}


def test_the_upper_places_are_seen_more(visits):
    seen = [event["position"] for events in visits for event in events if event["kind"] == "impression"]
    assert seen.count(1) == seen.count(2) > seen.count(4) > seen.count(7)


def test_what_is_liked_is_clicked_more(visits, shopper, pages):
    def share(events_of_visits):
        clicked = [e["product_id"] for events in events_of_visits for e in events if e["kind"] == "click"]
        return sum(id in liked for id in clicked) / len(clicked)

    liked = {
        variant.id
        for page in pages.values()
        for place in page
        for variant in place.variants
        if variant.traits & shopper.taste.likes
    }
    plain = Shopper("bob", shopper.errands, Taste(frozenset(), 0.0), 30)
    assert share(visits) > 1.3 * share([visit(plain, number, BEGIN, pages, Random(number)) for number in range(200)])


def test_what_is_sold_out_is_not_put_into_the_cart(visits, pages):
    stock = {v.id: v.in_stock for page in pages.values() for place in page for v in place.variants}
    assert all(stock[event["product_id"]] for events in visits for event in events if event["kind"] == "cart")
