"""The whole way of a query over a small shop of variants, with an encoder that needs no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fake_encoder import FakeEncoder

from openaisle.catalog.product import Product
from openaisle.catalog.store import Catalog
from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.engines.embedded.postings import FieldWeight
from openaisle.errors import BadRequest, FilterSyntaxError, LimitExceeded, UnknownField, WrongKind
from openaisle.indexing.indexer import Indexer, IndexingPlan
from openaisle.indexing.texts import SPELLING
from openaisle.search.pipeline import SearchPipeline
from openaisle.search.request import Mode, SearchRequest
from openaisle.search.response import SearchResponse
from openaisle.settings import SearchSettings
from openaisle.storage import migrate, open_engine

FIELDS = ("title", "brand", "category", "attributes", "description", "identifiers")
WEIGHTS = {**{field: FieldWeight(1.0) for field in FIELDS}, SPELLING: FieldWeight(0.0)}
KINDS = (("mug", "Kitchen"), ("bottle", "Kitchen"), ("running shoes", "Shoes"), ("rain jacket", "Clothes"))
COLOURS, SIZES, BRANDS = ("red", "blue", "green"), ("S", "XXL"), ("Acme", "Borealis", "云栖")


def products() -> Iterator[Product]:
    """Every kind from every brand in three colours, as variants of one product; colour and size go together."""
    for kind, category in KINDS:
        for brand in BRANDS:
            group = f"{brand} {kind}".replace(" ", "-")
            for number, colour in enumerate(COLOURS):
                yield Product(
                    id=f"{group}-{colour}",
                    title={"en": f"{brand} {kind} {colour}"},
                    group_id=group,
                    brand=brand,
                    category=(category, kind),
                    price=None if number == 2 and brand == "Acme" else 10.0 * (number + 1) + len(kind),
                    stock=number,
                    attributes={"colour": colour, "size": SIZES[number % 2]},
                    gtin=f"40063813339{KINDS.index((kind, category))}{BRANDS.index(brand)}{number}",
                    ranking={"popularity": float((number * 7 + len(kind) * 3 + len(brand)) % 11)},
                )
    yield Product(id="lone", title={"en": "Whistling kettle"}, mpn="WK-100X", price=55.0)


@dataclass
class Searched:
    catalog: Catalog
    indexer: Indexer
    pipeline: SearchPipeline

    def ask(self, query: str, **fields: Any) -> SearchResponse:
        return self.pipeline.search(SearchRequest(query, **fields))

    def everything(self, query: str, **fields: Any) -> list[Any]:
        return list(self.ask(query, **{"limit": 1000, "group": False, **fields}).hits)


def opened(folder: Path, items: Iterator[Product], encoder: FakeEncoder | None) -> Searched:
    database = open_engine(f"sqlite:///{folder / 'shop.db'}")
    migrate(database)
    catalog = Catalog(database)
    catalog.upsert(items)
    engine = EmbeddedEngine(folder / "index", WEIGHTS)
    indexer = Indexer(catalog, engine, encoder, IndexingPlan(("title", "brand"), "w"))
    indexer.rebuild(lambda *_: None)
    return Searched(catalog, indexer, SearchPipeline(engine, encoder, catalog.get_bodies, SearchSettings()))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    return opened(tmp_path_factory.mktemp("shop"), products(), FakeEncoder())


@pytest.fixture
def own(tmp_path: Path) -> Searched:
    """A shop of one's own, to change."""
    return opened(tmp_path, products(), FakeEncoder())


QUERIES = ("red mug", "acme", "rain jacket", "", "云栖", "Acme running shoes blue")
FILTERS = (None, "price < 30", "brand IN [Acme, 云栖] AND NOT colour = red", "price NOT EXISTS")


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("group", [True, False])
@pytest.mark.parametrize("fields", [{}, {"filter": FILTERS[2]}, {"sort": "price:desc"}, {"mode": Mode.DENSE}], ids=str)
def test_pages_hold_everything_once(shop: Searched, query: str, group: bool, fields: dict[str, Any]) -> None:
    whole = shop.ask(query, limit=1000, group=group, **fields)
    paged: list[str] = []
    while page := shop.ask(query, limit=4, offset=len(paged), group=group, **fields).hits:
        paged += [hit.id for hit in page]
    assert paged == [hit.id for hit in whole.hits]
    assert len(set(paged)) == len(paged) == whole.total > 0


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("filter", FILTERS)
def test_facets_count_all_that_matches(shop: Searched, query: str, filter: str | None) -> None:
    hits = [hit.product for hit in shop.everything(query, filter=filter)]
    facets = ("brand", "category", "colour", "price:0,20,30,1000")
    found = shop.ask(query, filter=filter, facets=facets, limit=1, group=False).facets
    assert found["brand"] == Counter(hit["brand"] for hit in hits if "brand" in hit)
    assert found["category"] == Counter(name for hit in hits for name in set(hit.get("category", ())))
    assert found["colour"] == Counter(hit["attributes"]["colour"] for hit in hits if "attributes" in hit)
    prices = [hit["price"] for hit in hits if "price" in hit]
    ranges = {"0..20": (0, 20), "20..30": (20, 30), "30..1000": (30, 1000)}
    assert found["price:0,20,30,1000"] == {
        name: sum(low <= price < high for price in prices) for name, (low, high) in ranges.items()
    }


@pytest.mark.parametrize("query", QUERIES)
def test_facets_of_grouped_products_count_products(shop: Searched, query: str) -> None:
    hits = [hit.product for hit in shop.everything(query)]
    answer = shop.ask(query, facets=("colour",), limit=1000)
    groups: dict[str, set[str]] = {}
    for hit in hits:
        if "attributes" in hit:
            groups.setdefault(hit["attributes"]["colour"], set()).add(hit["group_id"])
    assert answer.facets["colour"] == {colour: len(held) for colour, held in groups.items()}
    assert answer.total == len({hit.get("group_id", hit["id"]) for hit in hits})
    assert sum(hit.variants for hit in answer.hits) == len(hits)


@pytest.mark.parametrize("query", QUERIES)
def test_a_disjunctive_facet_counts_without_its_own_filter(shop: Searched, query: str) -> None:
    answer = shop.ask(query, filter="brand = Acme AND colour = red", disjunctive=("brand",), facets=("colour",))
    without = shop.ask(query, filter="colour = red", facets=("brand",))
    assert answer.facets["brand"] == without.facets["brand"]
    assert set(answer.facets["colour"]) <= {"red"}


def test_no_variant_is_made_up(shop: Searched) -> None:
    assert shop.ask("", filter="colour = red AND size = XXL").total == 0
    red_or_large = shop.ask("mug", filter="colour = red OR size = XXL", limit=50)
    assert {hit.variants for hit in red_or_large.hits} == {2}


def test_the_best_variant_is_shown(shop: Searched) -> None:
    hits = shop.ask("acme mug blue").hits
    assert hits[0].id == "Acme-mug-blue"


def test_sorting(shop: Searched) -> None:
    for direction, backwards in (("asc", False), ("desc", True)):
        prices = [hit.product.get("price") for hit in shop.everything("acme", sort=f"price:{direction}")]
        stated = [price for price in prices if price is not None]
        assert stated == sorted(stated, reverse=backwards)
        assert prices[len(stated) :] == [None] * (len(prices) - len(stated))
        assert len(stated) < len(prices)


@pytest.mark.parametrize("query", [query for query in QUERIES if query])
@pytest.mark.parametrize("mode", list(Mode))
def test_explanations_sum_to_the_score(shop: Searched, query: str, mode: Mode) -> None:
    hits = shop.everything(query, mode=mode, explain=True)
    assert hits
    for hit in hits:
        assert sum(hit.explanation.values()) == pytest.approx(hit.score, abs=1e-5)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("typed", ["lone", "WK-100X", "wk100x", "wk 100x"])
def test_identifiers_are_found_first(shop: Searched, typed: str) -> None:
    hit = shop.ask(typed, explain=True).hits[0]
    assert hit.id == "lone"
    assert hit.explanation is not None
    assert hit.explanation["identifier"] == 2.0


def test_a_gtin_finds_its_product(shop: Searched) -> None:
    product = next(shop.catalog.products())
    assert product.gtin is not None
    answer = shop.ask(product.gtin, disjunctive=("brand",))
    assert (answer.hits[0].id, answer.total) == (product.id, 1)
    assert answer.facets == {"brand": {product.brand: 1}}
    assert shop.ask(product.gtin, filter='brand = "nobody"').total == 0


def test_nothing_relevant_is_said(shop: Searched) -> None:
    answer = shop.ask("zzyzx quux", facets=("brand",))
    assert (answer.total, answer.hits, answer.facets) == (0, (), {"brand": {}})
    assert "Nothing relevant was found." in answer.notices


def test_typos_are_mended_and_told(shop: Searched) -> None:
    answer = shop.ask("jakcet")
    assert answer.hits[0].product["category"][-1] == "rain jacket"
    assert any("jakcet" in notice and "jacket" in notice for notice in answer.notices)


def test_the_last_word_may_be_unfinished(shop: Searched) -> None:
    assert shop.ask("whist").hits[0].id == "lone"


def test_browsing_shows_the_popular_first(shop: Searched) -> None:
    answer = shop.ask("  ", limit=1000, group=False)
    popularity = [hit.product.get("ranking", {}).get("popularity", -1) for hit in answer.hits]
    assert answer.total == shop.catalog.count()
    assert popularity == sorted(popularity, reverse=True)
    assert answer.notices == ()


def test_a_deleted_product_is_not_shown(own: Searched) -> None:
    own.catalog.delete(["lone"])
    assert "lone" not in [hit.id for hit in own.everything("whistling kettle")]
    own.indexer.catch_up(lambda *_: None)
    assert own.ask("WK-100X").total == 0
    assert own.ask("", limit=0).total == len(KINDS) * len(BRANDS)


def test_a_changed_price_changes_filters_and_order(own: Searched) -> None:
    lone = own.catalog.get("lone")
    own.catalog.upsert([replace(lone, price=1.0)])
    own.indexer.catch_up(lambda *_: None)
    assert own.everything("", sort="price:asc")[0].id == "lone"
    assert [hit.id for hit in own.everything("", filter="price < 2")] == ["lone"]


def test_an_empty_shop_answers(tmp_path: Path) -> None:
    shop = opened(tmp_path, iter(()), FakeEncoder())
    for query in ("", "mug"):
        answer = shop.ask(query, facets=("brand", "price:0,10"), filter="price < 5", sort="price:asc")
        assert (answer.total, answer.hits) == (0, ())
        assert answer.facets == {"brand": {}, "price:0,10": {"0..10": 0}}


def test_without_an_encoder_words_find(tmp_path: Path) -> None:
    shop = opened(tmp_path, products(), None)
    answer = shop.ask("blue mug")
    assert answer.hits[0].product["attributes"]["colour"] == "blue"
    assert any("encoder" in notice for notice in answer.notices)
    assert shop.ask("blue mug", mode=Mode.LEXICAL).notices == ()
    assert shop.ask("").notices == ()  # browsing needs no encoder


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"query": "x" * 1025}, LimitExceeded),
        ({"limit": -1}, LimitExceeded),
        ({"limit": 1001}, LimitExceeded),
        ({"offset": -1}, LimitExceeded),
        ({"offset": 10**9}, LimitExceeded),
        ({"facets": tuple(f"f{n}" for n in range(33))}, LimitExceeded),
        ({"filter": "price <"}, FilterSyntaxError),
        ({"filter": "pricee < 5"}, UnknownField),
        ({"facets": ("nothing",)}, UnknownField),
        ({"disjunctive": ("nothing",)}, UnknownField),
        ({"sort": "nothing:asc"}, UnknownField),
        ({"sort": "price"}, BadRequest),
        ({"sort": "price:up"}, BadRequest),
        ({"filter": "brand > 3"}, WrongKind),
        ({"filter": "price < 5 OR NOT (brand = Bru AND colour 1 TO 2)"}, WrongKind),
        ({"filter": "in_stock > 0"}, WrongKind),
        ({"facets": ("brand:0,5",)}, WrongKind),
        ({"facets": ("price:10,5",)}, BadRequest),
        ({"facets": ("price:a,b",)}, BadRequest),
        ({"facets": ("price:nan,1",)}, BadRequest),
    ],
    ids=str,
)
def test_wrong_requests_are_refused(shop: Searched, fields: dict[str, Any], error: type[BadRequest]) -> None:
    with pytest.raises(error) as caught:
        shop.ask(**{"query": "mug", **fields})
    assert caught.value.mend


def test_a_misspelt_field_is_told_the_nearest_name(shop: Searched) -> None:
    with pytest.raises(UnknownField) as caught:
        shop.ask("mug", filter="colur = red")
    assert caught.value.mend == "Did you mean 'colour'?"


def test_awkward_queries_are_answered(shop: Searched) -> None:
    for query in ("😀", "\x00\x07", "a" * 1000, "'; DROP TABLE", "🎧 mug", "%", "\ud800", "= ~"):
        answer = shop.ask(query, explain=True)
        assert answer.total >= len(answer.hits)


def test_open_ranges(shop: Searched) -> None:
    stated = sum("price" in hit.product for hit in shop.everything(""))
    found = shop.ask("", facets=("price:*,20", "price:20,"), group=False).facets
    assert found["price:*,20"]["-inf..20"] + found["price:20,"]["20..inf"] == stated


def test_an_attribute_may_be_named_in_full(shop: Searched) -> None:
    assert shop.ask("", filter="attributes.colour = red").total == shop.ask("", filter="colour = red").total > 0
