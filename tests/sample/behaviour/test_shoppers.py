import pytest

from openaisle.sample import judge, products
from openaisle.sample.behaviour import shoppers as room
from openaisle.sample.behaviour.shoppers import Taste, guests


def test_errands_ask_judged_queries_that_the_store_can_answer(written):
    judged = {query.text: query for query in judge.judged_queries()}
    for errand in written.errands:
        assert len(set(errand.queries)) == len(errand.queries) >= 3
        assert not [query for query in errand.queries if query not in judged or judged[query].nothing_relevant]
    names = [errand.name for errand in written.errands]
    assert len(set(names)) == len(names)


def test_regulars_like_what_there_is(written):
    values = {("brand", product["brand"]) for product in products()}
    values |= {("colour", product["attributes"].get("colour")) for product in products()}
    ids = [shopper.id for shopper in written.regulars]
    assert len(set(ids)) == len(ids) >= 2
    for shopper in written.regulars:
        assert shopper.taste.likes <= values
        assert shopper.visits > 0


def test_taste_is_worth_what_it_likes_and_what_it_pays():
    taste = Taste(frozenset({("brand", "A"), ("colour", "red")}), dear=-0.5)
    assert taste.worth(frozenset({("brand", "A"), ("colour", "red")}), 0.0) == 2
    assert taste.worth(frozenset({("brand", "B"), ("colour", "red")}), 1.0) == 0.5


def test_guests_are_the_same_for_a_seed_and_like_what_they_are_shown(written, pages):
    some = list(guests(written.errands, pages, 1, 20))
    assert some == list(guests(written.errands, pages, 1, 20))
    assert some[:5] == list(guests(written.errands, pages, 1, 5))
    assert some != list(guests(written.errands, pages, 2, 20))
    for shopper in some:
        shown = {
            trait
            for errand in shopper.errands
            for query in errand.queries
            for place in pages[query]
            for variant in place.variants
            for trait in variant.traits
        }
        assert shopper.taste.likes <= shown
        assert {name for name, _ in shopper.taste.likes} <= {"brand", "colour"}


def test_an_errand_that_there_is_not_is_told(written):
    entry = {"id": "ann", "errands": ["tea", "golf"], "likes": [], "dear": 0.0, "visits": 1}
    with pytest.raises(ValueError, match=r"'ann'.*golf"):
        room._regular(entry, {errand.name: errand for errand in written.errands})
