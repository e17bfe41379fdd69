import re

import pytest

from openaisle.catalog.product import Product
from openaisle.sample import judge, products
from openaisle.sample.behaviour.shoppers import cast
from openaisle.sample.tour import tour

HAN = re.compile("[\u4e00-\u9fff]")


def captions():
    planned = tour()
    shown = [*planned.stops, *planned.personal, *planned.pages, planned.campaign, *planned.sponsored]
    return [planned.shoppers, planned.learning, *(each.caption for each in shown)]


def test_the_tour_has_a_dozen_stops_with_captions_in_both_languages():
    assert len(tour().stops) == len({stop.query for stop in tour().stops}) == 12
    assert all(HAN.search(caption.zh) for caption in captions())
    assert all(caption.en.isprintable() and caption.en.endswith(".") for caption in captions())


def test_the_tour_shows_filters_and_facets_that_the_store_has():
    known = set(Product.model_fields) if hasattr(Product, "model_fields") else set(Product.__slots__)
    for item in judge.items():
        known |= item.product["attributes"].keys()
    for stop in tour().stops:
        assert set(stop.facets) <= known
        fields = re.findall(r"(\w+) *[=<>]", stop.filter or "")
        assert set(fields) <= known | {"in_stock"}


def test_the_same_is_asked_by_nobody_known_and_by_regulars():
    asked = tour().personal
    assert len({stop.query for stop in asked}) == 1
    assert {stop.shopper for stop in asked} == {None} | {shopper.id for shopper in cast().regulars}
    queries = {query for errand in cast().errands for query in errand.queries}
    assert asked[0].query not in queries


def test_pages_and_campaign_are_of_products_that_can_be_had():
    stock = {product["id"]: product["stock"] for product in products()}
    planned = tour()
    assert {page.placement for page in planned.pages} == {"similar", "complementary"}
    assert all(stock[id] > 0 for id in (*(page.product for page in planned.pages), *planned.campaign.products))
    assert {stop.query for stop in planned.sponsored} <= set(planned.campaign.keywords)


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
