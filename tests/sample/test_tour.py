import re

import pytest

from openaisle.catalog.product import Product
from openaisle.sample import judge
from openaisle.sample.tour import stops

HAN = re.compile("[\u4e00-\u9fff]")


def test_the_tour_has_a_dozen_stops_with_captions_in_both_languages():
    tour = stops()
    assert len(tour) == len({stop.query for stop in tour}) == 12
    assert all(HAN.search(stop.caption.zh) for stop in tour)
    assert all(stop.caption.en.isprintable() and stop.caption.en.endswith(".") for stop in tour)


def test_the_tour_shows_filters_and_facets_that_the_store_has():
    known = set(Product.model_fields) if hasattr(Product, "model_fields") else set(Product.__slots__)
    for item in judge.items():
        known |= item.product["attributes"].keys()
    for stop in stops():
        assert set(stop.facets) <= known
        fields = re.findall(r"(\w+) *[=<>]", stop.filter or "")
        assert set(fields) <= known | {"in_stock"}


def test_the_poncho_exists_in_blue_and_in_xxl_but_not_in_both():
    ponchos = [item.product["attributes"] for item in judge.items() if item.kind == "moto" and item.model == 3]
    assert any(attributes["colour"] == "blue" for attributes in ponchos)
    assert any(attributes["size"] == "XXL" for attributes in ponchos)
    assert not any(attributes["colour"] == "blue" and attributes["size"] == "XXL" for attributes in ponchos)


@pytest.mark.parametrize(
    "query", ["保温杯", "something to keep coffee hot", "筋膜槍", "TI-H900", "flight ticket to Tokyo"]
)
def test_stops_are_judged_too(query):
    assert query in {judged.text for judged in judge.judged_queries()}
