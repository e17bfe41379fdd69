"""Sponsored products as hits of a page, whoever chose them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from fake_encoder import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st

from openaisle.ads.placing import Ad, place
from openaisle.catalog.product import Product
from openaisle.catalog.store import Catalog
from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.engines.embedded.postings import FieldWeight
from openaisle.indexing.indexer import Indexer, IndexingPlan
from openaisle.indexing.texts import SPELLING
from openaisle.search.analysis import IndexAnalysis
from openaisle.search.pipeline import SearchPipeline
from openaisle.search.request import Mode, SearchRequest
from openaisle.search.response import Hit, SearchResponse
from openaisle.search.sponsor import AdSpace
from openaisle.settings import SearchSettings
from openaisle.storage import migrate, open_engine

WEIGHTS = {"title": FieldWeight(1.0), "brand": FieldWeight(1.0), SPELLING: FieldWeight(0.0)}
KINDS, COLOURS, BRANDS = (
    ("mug", "bottle", "jacket"),
    ("red", "blue", "green"),
    ("Acme", "Borealis", "Lumora", "Kestrel"),
)


def products() -> Iterator[Product]:
    """Every kind from every brand in three colours, as variants of one product; some are sold out."""
    for number, brand in enumerate(BRANDS):
        for kind in KINDS:
            for place_, colour in enumerate(COLOURS):
                yield Product(
                    id=f"{brand}-{kind}-{colour}",
                    title={"en": f"{brand} {kind} {colour}"},
                    group_id=f"{brand}-{kind}",
                    brand=brand,
                    price=10.0 * number + place_,
                    stock=(number + place_) % 3,
                )


TO_BE_HAD = [product.id for product in products() if product.stock]
SOLD_OUT = "Lumora-mug-blue"


@dataclass
class Wanted:
    """Ads for these products in these positions, whatever anybody pays."""

    places: Mapping[int, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    spaces: list[AdSpace] = field(default_factory=list)

    def applies(self, **page: Any) -> bool:
        self.asked.append(page)
        return bool(self.places)

    def arranged(self, space: AdSpace) -> tuple[Hit, ...]:
        self.spaces.append(space)
        entries = space.entries(list(self.places.values()))
        ads = [(_ad(id, at), entries[id]) for at, id in self.places.items() if id in entries]
        placed = place(space.organic, ads, len(space.organic))
        return tuple(each.hit.hit if each.ad is None else replace(each.hit.hit, ad={}) for each in placed)


def _ad(id: str, position: int) -> Ad:
    return Ad("", "", id, "", "", "", position, 0, 0.0, 0.0, "")


@dataclass
class Searched:
    catalog: Catalog
    engine: EmbeddedEngine
    analysis: IndexAnalysis

    def ask(self, query: str, wanted: Wanted | None = None, **fields: Any) -> SearchResponse:
        bodies, settings = self.catalog.get_bodies, SearchSettings()
        pipeline = SearchPipeline(self.engine, FakeEncoder(), bodies, settings, ads=wanted, analysis=self.analysis)
        return pipeline.search(SearchRequest(query, **fields))


def opened(folder: Path) -> Searched:
    database = open_engine(f"sqlite:///{folder / 'shop.db'}")
    migrate(database)
    catalog, engine = Catalog(database), EmbeddedEngine(folder / "index", WEIGHTS)
    catalog.upsert(products())
    Indexer(catalog, engine, FakeEncoder(), IndexingPlan(("title", "brand"), "w")).rebuild(lambda *_: None)
    return Searched(catalog, engine, IndexAnalysis(engine))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    return opened(tmp_path_factory.mktemp("shop"))


@given(
    places=st.dictionaries(st.integers(1, 8), st.sampled_from([*TO_BE_HAD, SOLD_OUT]), max_size=6),
    query=st.sampled_from(("mug", "acme", "red mug", "borealis jacket blue", "blue")),
    filter=st.sampled_from((None, "price < 20", "brand IN [Acme, Lumora] AND NOT price 1 TO 2")),
    limit=st.integers(0, 8),
    group=st.booleans(),
)
def test_a_page_keeps_its_length_its_order_and_its_filter(
    shop: Searched, places: dict[int, str], query: str, filter: str | None, limit: int, group: bool
) -> None:
    fields: dict[str, Any] = {"filter": filter, "group": group, "explain": True, "facets": ("brand",)}
    plain, told = shop.ask(query, limit=limit, **fields), shop.ask(query, Wanted(places), limit=limit, **fields)
    assert (told.total, told.facets, len(told.hits)) == (plain.total, plain.facets, len(plain.hits))
    organic = [hit for hit in told.hits if not hit.sponsored]
    assert organic == [hit for hit in plain.hits if hit in organic]
    shared = [hit.product["group_id"] if group else hit.id for hit in told.hits]
    assert len(set(shared)) == len(shared)
    single = {hit.id: hit for hit in shop.ask(query, limit=1000, **{**fields, "group": False}).hits}
    for at, hit in enumerate(told.hits, start=1):
        if hit.sponsored:
            assert hit.id == places[at]
            assert hit.product["stock"] > 0
            assert replace(hit, ad=None, variants=1) == single[hit.id]


def test_a_sponsored_hit_counts_its_variants(shop: Searched) -> None:
    told = shop.ask("mug", Wanted({2: "Kestrel-mug-green"}))
    assert (told.hits[1].id, told.hits[1].sponsored, told.hits[1].variants) == ("Kestrel-mug-green", True, 3)


@pytest.mark.parametrize("variant", ["blue", "green"])
def test_a_product_is_shown_once_whichever_variant_is_advertised(shop: Searched, variant: str) -> None:
    told = shop.ask("mug", Wanted({1: f"Kestrel-mug-{variant}"}))
    assert [hit.product["group_id"] for hit in told.hits].count("Kestrel-mug") == 1
    apart = shop.ask("mug", Wanted({1: f"Kestrel-mug-{variant}"}), group=False, limit=20)
    assert [hit.product["group_id"] for hit in apart.hits].count("Kestrel-mug") == 3


def test_only_a_sponsored_hit_says_so(shop: Searched) -> None:
    told = shop.ask("mug", Wanted({2: "Kestrel-mug-blue"})).as_dict()["hits"]
    assert [hit.get("sponsored") for hit in told] == [None, True, None, None]
    assert ["ad" in hit for hit in told] == [False, True, False, False]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"offset": 0, "ordered": False}),
        ({"offset": 2}, {"offset": 2, "ordered": False}),
        ({"sort": "price:desc"}, {"offset": 0, "ordered": True}),
        ({"sort": "relevance"}, {"offset": 0, "ordered": False}),
    ],
    ids=str,
)
def test_those_who_place_ads_are_told_what_page_it_is(
    shop: Searched, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    wanted = Wanted()
    shop.ask(" mug ", wanted, **fields)
    assert wanted.asked == [{"query": "mug", **expected}]


@pytest.mark.parametrize("fields", [{"ads": False}, {"limit": 0}, {"filter": "price > 1000"}], ids=str)
def test_nobody_is_asked_for_ads_of_a_page_that_can_have_none(shop: Searched, fields: dict[str, Any]) -> None:
    wanted = Wanted({1: "Kestrel-mug-blue"})
    assert not any(hit.sponsored for hit in shop.ask("mug", wanted, **fields).hits)
    assert (wanted.asked, wanted.spaces) == ([], [])


def test_a_page_tells_its_query(shop: Searched) -> None:
    wanted = Wanted({1: "Kestrel-mug-blue"})
    told = shop.ask("  blue  mug", wanted, shopper="ann")
    shop.ask("blue mug", wanted, mode=Mode.LEXICAL)
    first, second = wanted.spaces
    assert (first.query, first.query_id, first.shopper) == ("blue mug", told.query_id, "ann")
    assert first.meaning is not None
    assert first.meaning.tolist() == FakeEncoder().encode_queries(["blue mug"])[0].tolist()
    assert (second.meaning, second.shopper) == (None, "")
    standings = first.standings(["Kestrel-mug-blue", "Acme-jacket-red", "nothing"])
    assert list(standings) == ["Kestrel-mug-blue"]
    assert standings["Kestrel-mug-blue"].score == told.hits[0].score


def test_a_product_that_the_store_has_lost_is_no_ad(tmp_path: Path) -> None:
    shop = opened(tmp_path)
    shop.catalog.delete(["Kestrel-mug-blue"])
    told = shop.ask("mug", Wanted({2: "Kestrel-mug-blue"}))
    assert not any(hit.sponsored for hit in told.hits)
