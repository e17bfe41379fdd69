"""Personalised search: what suits the shopper first, and never at the cost of what they asked for."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_encoder import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from openaisle.catalog.product import Product
from openaisle.catalog.store import Catalog
from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.engines.embedded.postings import FieldWeight
from openaisle.events.event import Event, Kind
from openaisle.events.log import EventLog
from openaisle.indexing.indexer import Indexer, IndexingPlan
from openaisle.indexing.texts import SPELLING
from openaisle.profiles.products import ShopProducts
from openaisle.profiles.service import Profiles
from openaisle.search.personalize import ALL_WORDS, MOST, SOME_WORDS, WHOLE_TITLE, PersonalizeStep, reordered
from openaisle.search.pipeline import SearchPipeline
from openaisle.search.rank import PROFILE, WORDS, Ranked
from openaisle.search.request import Mode, SearchRequest
from openaisle.settings import SearchSettings
from openaisle.storage import migrate, open_engine

FIELDS = ("title", "brand", "category", "attributes", "description", "identifiers")
WEIGHTS = {**{name: FieldWeight(1.0) for name in FIELDS}, SPELLING: FieldWeight(0.0)}
KINDS = (("mug", "Kitchen"), ("bottle", "Kitchen"), ("rain jacket", "Clothes"), ("running shoes", "Shoes"))
COLOURS, BRANDS = ("red", "blue", "green", "black"), ("Acme", "Borealis", "Lumora", "Kestrel")
QUERIES = (
    "mug",
    "blue mug",
    "jacket",
    "acme running shoes",
    "Lumora bottle black",
    "mug with handle",
    "red",
    "kestrel",
)


def products() -> Iterator[Product]:
    for number, ((kind, category), brand, colour) in enumerate(itertools.product(KINDS, BRANDS, COLOURS)):
        name = f"{brand} {kind}".replace(" ", "-")
        yield Product(
            id=f"{name}-{colour}",
            title={"en": f"{brand} {kind} {colour if number % 5 else 'with handle'}"},
            group_id=name,
            brand=brand,
            category=(category, kind),
            price=10.0 + number,
            attributes={"colour": colour},
            mpn=f"XK-{number}00",
        )


@dataclass
class Searched:
    log: EventLog
    profiles: Profiles
    engine: EmbeddedEngine
    catalog: Catalog

    def pipeline(self, strength: float) -> SearchPipeline:
        step = PersonalizeStep(self.profiles, strength)
        return SearchPipeline(self.engine, FakeEncoder(), self.catalog.get_bodies, SearchSettings(), personalizing=step)

    def ask(self, query: str, strength: float = 1.0, **fields: Any) -> dict[str, Any]:
        answer = self.pipeline(strength).search(SearchRequest(query, **{"limit": 100, "explain": True, **fields}))
        told = answer.as_dict()
        for name in ("timings", "query_id"):
            told.pop(name)
        return told


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    folder: Path = tmp_path_factory.mktemp("shop")
    database = open_engine(f"sqlite:///{folder / 'shop.db'}")
    migrate(database)
    catalog = Catalog(database)
    catalog.upsert(products())
    engine = EmbeddedEngine(folder / "index", WEIGHTS)
    Indexer(catalog, engine, FakeEncoder(), IndexingPlan(("title", "brand"), "w")).rebuild(lambda *_: None)
    log = EventLog(database, catalog.existing)
    now = time.time_ns() // 1_000_000
    for shopper, liked in (("blue", "-blue"), ("acme", "Acme-"), ("cheap", "mug")):
        ids = [product.id for product in products() if liked in product.id]
        log.append(
            Event(f"{shopper}{number}", Kind.CART, now - 60_000 * number, shopper, product_id=id)
            for number, id in enumerate(ids * 3)
        )
    log.append([Event("gone", Kind.ORDER, now, "ghost", product_id="not there")])
    yield Searched(log, Profiles(database, log, ShopProducts(engine, catalog.get_bodies)), engine, catalog)
    log.close()


def test_two_shoppers_see_the_same_query_in_their_order(shop: Searched) -> None:
    blue, acme = (shop.ask("mug", shopper=name, group=False)["hits"] for name in ("blue", "acme"))
    assert blue[0]["product"]["attributes"]["colour"] == "blue"
    assert acme[0]["product"]["brand"] == "Acme"
    assert {hit["id"] for hit in blue} == {hit["id"] for hit in acme}


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("fields", [{}, {"filter": "price < 50"}, {"group": False}, {"mode": Mode.DENSE}], ids=str)
def test_what_is_found_and_counted_stays(shop: Searched, query: str, fields: dict[str, Any]) -> None:
    plain = shop.ask(query, 0.0, facets=("brand",), **fields)
    told = shop.ask(query, facets=("brand",), shopper="blue", **fields)
    assert (told["total"], told["facets"], told["notices"]) == (plain["total"], plain["facets"], plain["notices"])
    for hit in told["hits"]:
        assert sum(hit["explanation"].values()) == pytest.approx(hit["score"], abs=1e-5)
        assert 0 <= hit["explanation"].get("profile", 0.0) <= MOST + 1e-6
    scores = [hit["score"] for hit in told["hits"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("query", ["", *QUERIES, "XK-700", "Acme-mug-red"])
def test_nothing_changes_without_strength_or_history(shop: Searched, query: str) -> None:
    plain = shop.ask(query, 0.0)
    assert shop.ask(query, 0.0, shopper="blue") == plain
    for unknown in ("nobody", "", None, "ghost"):
        assert shop.ask(query, shopper=unknown) == plain


@pytest.mark.parametrize("fields", [{"sort": "price:asc"}, {"sort": "price:desc", "filter": "brand != Acme"}], ids=str)
def test_a_sort_is_kept(shop: Searched, fields: dict[str, Any]) -> None:
    for query in QUERIES:
        assert shop.ask(query, shopper="blue", **fields) == shop.ask(query, 0.0, **fields)


@pytest.mark.parametrize("query", ["XK-700", "xk700", "Acme-mug-red", ""])
def test_a_number_and_a_page_without_a_query_are_kept(shop: Searched, query: str) -> None:
    assert shop.ask(query, shopper="blue") == shop.ask(query, 0.0)


def test_a_no_holds_at_once(shop: Searched) -> None:
    plain, told = shop.ask("mug", 0.0), shop.ask("mug", shopper="cheap")
    assert told != plain
    shop.profiles.switch_off("cheap")
    try:
        assert shop.ask("mug", shopper="cheap") == plain
        assert not shop.profiles.may_use("cheap")
        assert shop.profiles.show("cheap").profile is None
    finally:
        shop.profiles.switch_on("cheap")
    assert [hit["id"] for hit in shop.ask("mug", shopper="cheap")["hits"]] == [hit["id"] for hit in told["hits"]]


def test_pages_hold_everything_once(shop: Searched) -> None:
    whole = [hit["id"] for hit in shop.ask("mug", shopper="blue")["hits"]]
    paged = [
        hit["id"] for page in range(len(whole)) for hit in shop.ask("mug", shopper="blue", limit=1, offset=page)["hits"]
    ]
    assert paged == whole


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("shopper", ["blue", "acme", "cheap"])
def test_all_the_words_of_a_query_stay_above_some(shop: Searched, query: str, shopper: str) -> None:
    words = query.casefold().split()

    def full(hit: dict[str, Any]) -> bool:
        product = hit["product"]
        said = f"{product['title']} {product['brand']} {product['category']} {product['attributes']}".casefold()
        return all(word.removesuffix("s") in said for word in words)

    plain = shop.ask(query, 0.0, group=False)["hits"]
    told = {hit["id"]: place for place, hit in enumerate(shop.ask(query, shopper=shopper, group=False)["hits"])}
    for place, above in enumerate(plain):
        for below in plain[place:]:
            if full(above) and not full(below):
                assert told[above["id"]] < told[below["id"]]


fits = arrays.arrays(np.int8, st.integers(0, 40), elements=st.sampled_from([SOME_WORDS, ALL_WORDS, WHOLE_TITLE]))


@given(fits, st.data())
def test_a_better_fit_is_never_overruled(kinds: np.ndarray, data: st.DataObject) -> None:
    count, tail = len(kinds), data.draw(st.integers(0, 5))
    numbers = st.floats(0, 2, width=32)
    scores = np.sort(data.draw(arrays.arrays(np.float32, count + tail, elements=numbers)))[::-1].copy()
    added = data.draw(arrays.arrays(np.float32, count, elements=st.floats(0, MOST, width=32)))
    rows = np.arange(count + tail, dtype=np.int32)
    before = Ranked(rows, scores, {WORDS: scores})
    after = reordered(before, added, kinds)
    place = np.empty(count + tail, int)
    place[after.rows] = rows
    for above in range(count):
        for below in range(above + 1, count):
            if kinds[above] > kinds[below]:
                assert place[above] < place[below]
    assert (after.rows[count:] == rows[count:]).all()
    assert (np.diff(after.scores) <= 0).all()
    assert after.parts[PROFILE].min(initial=0) >= 0
    assert after.parts[PROFILE].max(initial=0) <= MOST + 1e-6
    assert sum(after.parts.values()) == pytest.approx(after.scores, abs=1e-5)


@given(arrays.arrays(np.float32, 30, elements=st.floats(0, MOST, width=32)))
def test_products_of_one_fit_are_ordered_by_their_sums(added: np.ndarray) -> None:
    scores = np.linspace(1, 0.5, 30, dtype=np.float32)
    after = reordered(Ranked(np.arange(30, dtype=np.int32), scores, {}), added, np.full(30, ALL_WORDS, np.int8))
    assert (after.rows == np.argsort(-(scores + added), kind="stable")).all()
