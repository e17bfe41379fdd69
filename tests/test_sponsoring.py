"""Sponsored products in the searches of a shop: where they may stand, and what they leave alone."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openaisle.ads.campaign import Campaign, FrequencyCap, Keyword, Status
from openaisle.ads.sealing import Seal
from openaisle.catalog.changes import Patch
from openaisle.catalog.product import Product
from openaisle.errors import ModelError, StorageError
from openaisle.models.protocol import Vectors
from openaisle.search.request import Mode, SearchRequest
from openaisle.search.response import Hit, SearchResponse
from openaisle.settings.editing import set_value
from openaisle.shop import Shop
from openaisle.storage.meta import Meta

BRANDS, COLOURS = ("Lumora", "Acme", "Kestrel"), ("red", "blue", "green", "black")
EXTRAS = ("", "steel", "steel whistling", "steel whistling family", "steel whistling family electric")


@pytest.fixture(autouse=True)
def paced_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words alone, and pacing lets every campaign take part that has money."""
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    monkeypatch.setattr("openaisle.ads.pacing.Pacer.rate", lambda *_: 1.0)


def kettles() -> Iterator[Product]:
    """Five kettles a brand in four colours, as variants of one; the green ones are sold out."""
    for brand in BRANDS:
        for number, extra in enumerate(EXTRAS):
            for place, colour in enumerate(COLOURS):
                yield Product(
                    id=f"{brand}-{number}-{colour}",
                    title={"en": f"{brand} {extra} kettle {colour}"},
                    group_id=f"{brand}-{number}",
                    brand=brand,
                    price=10.0 * (number + 1) + place,
                    stock=0 if colour == "green" else 5,
                )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    Shop.create(tmp_path / "shop").close()
    set_value(tmp_path / "shop", "shop", "currency", "EUR")
    with Shop.open(tmp_path / "shop") as made:
        made.upsert(kettles())
        yield made


def campaign(*products: str, **values: Any) -> Campaign:
    plain: dict[str, Any] = {
        "id": "C",
        "advertiser": "Lumora",
        "currency": "EUR",
        "bid": 50,
        "daily_budget": 10_000,
        "keywords": (Keyword("kettle"), Keyword("lumora")),
    }
    return Campaign(products=products, **{**plain, **values})


def ask(shop: Shop, query: str = "kettle", **fields: Any) -> SearchResponse:
    return shop.search(SearchRequest(query, **fields))


def everything(shop: Shop, query: str, **fields: Any) -> tuple[Hit, ...]:
    return ask(shop, query, ads=False, limit=1000, **fields).hits


def ads(answer: SearchResponse) -> list[str]:
    return [hit.id for hit in answer.hits if hit.sponsored]


def middling(shop: Shop, **fields: Any) -> str:
    """The best product that would stand after the first slot by its own merit."""
    hits = ask(shop, ads=False, **fields).hits
    return next(hit.id for hit in hits if hit.score < hits[3].score and hit.product["stock"])


QUERIES = ("kettle", "steel kettle", "lumora kettle red", "lumora")
FILTERS = (None, "price < 30", "brand IN [Acme, Kestrel]", "stock > 999 OR price 20 TO 43")


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("group", [True, False])
def test_ads_leave_everything_else_alone(shop: Shop, seed: int, group: bool) -> None:
    chance, ids, shown = random.Random(seed), [product.id for product in kettles()], 0
    for number in range(8):
        some = chance.sample(ids, chance.randint(1, 12))
        shop.ads.add(campaign(*some, id=f"c{number}", advertiser=f"a{number}", bid=chance.randint(10, 99)))
    advertised = {id for each in shop.ads.campaigns.all() for id in each.products}
    for query, filter in itertools.product(QUERIES, FILTERS):
        fields: dict[str, Any] = {"filter": filter, "facets": ("brand",), "explain": True}
        plain, told = ask(shop, query, ads=False, group=group, **fields), ask(shop, query, group=group, **fields)
        assert (told.total, told.facets, len(told.hits)) == (plain.total, plain.facets, len(plain.hits))
        organic = [hit for hit in told.hits if not hit.sponsored]
        in_order = [hit for hit in everything(shop, query, group=group, **fields) if hit in organic]
        assert in_order == organic
        shared = [hit.product["group_id"] if group else hit.id for hit in told.hits]
        assert len(set(shared)) == len(shared)
        single = {hit.id: hit for hit in everything(shop, query, group=False, **fields)}
        for place, hit in enumerate(told.hits, start=1):
            if hit.sponsored:
                assert place in {4, 9}
                assert hit.id in advertised
                assert hit.product["stock"] > 0
                assert replace(hit, ad=None, variants=1) == single[hit.id]  # so it passes the filter
                shown += 1
    assert shown > 0


def test_a_sponsored_hit_says_so_and_its_click_is_charged(shop: Shop) -> None:
    product = middling(shop)
    shop.ads.add(campaign(product))
    answer = ask(shop)
    hits = answer.as_dict()["hits"]
    assert [("sponsored" in hit, "ad" in hit) for hit in hits] == [(place == 3, place == 3) for place in range(10)]
    ad = hits[3]["ad"]
    assert hits[3]["sponsored"] is True
    assert (ad["campaign"], ad["advertiser"], ad["query_id"]) == ("C", "Lumora", answer.query_id)
    assert ad["explanation"]["relevance"] == hits[3]["score"] >= ad["explanation"]["floor"]
    opened = Seal.of_shop(Meta(shop._database)).open(
        ad["token"], campaign_id="C", product_id=product, query_id=answer.query_id
    )
    assert opened.position == 4


@pytest.mark.parametrize(
    "fields",
    [
        {"query": ""},
        {"offset": 3},
        {"sort": "price:asc"},
        {"ads": False},
        {"limit": 3},
        {"limit": 0},
        {"query": "steel", "filter": "price > 5"},
    ],
    ids=str,
)
def test_pages_that_have_no_ads(shop: Shop, fields: dict[str, Any]) -> None:
    shop.ads.add(campaign(middling(shop)))
    answer = ask(shop, **fields)
    assert ads(answer) == []
    assert ads(ask(shop)) != []


def test_what_is_not_to_be_had_is_no_ad(shop: Shop) -> None:
    product = middling(shop)
    shop.ads.add(campaign(product))
    assert ads(ask(shop)) == [product]
    shop.patch([Patch(product, {"stock": 0})])
    assert ads(ask(shop)) == []
    shop.patch([Patch(product, {"stock": None})])
    assert ads(ask(shop)) == [product]
    shop.delete([product])
    assert ads(ask(shop)) == []


def test_a_deleted_product_is_no_ad_before_the_index_knows(shop: Shop) -> None:
    product = middling(shop)
    shop.ads.add(campaign(product))
    shop.catalog.delete([product])
    answer = ask(shop)
    assert ads(answer) == []
    assert product not in [hit.id for hit in answer.hits]


def test_another_variant_of_what_leads_the_page_is_no_ad(shop: Shop) -> None:
    shop.ads.add(campaign("Acme-0-blue"))
    query = "red acme kettle"
    assert ask(shop, query, ads=False).hits[0].id == "Acme-0-red"
    assert ads(ask(shop, query)) == []
    assert ads(ask(shop, query, group=False, limit=40)) == ["Acme-0-blue"]


def test_such_a_variant_takes_nobodys_slot(shop: Shop) -> None:
    set_value(shop.folder, "ads", "floor", 0.0)
    with Shop.open(shop.folder) as opened:
        opened.ads.add(campaign("Acme-0-blue", bid=99))
        opened.ads.add(campaign("Lumora-0-red", bid=10, id="D", advertiser="another"))
        assert ads(ask(opened, "red acme kettle", limit=15)) == ["Lumora-0-red"]


def test_campaigns_of_other_processes_are_seen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_772_366_400_000
    monkeypatch.setattr("openaisle.sponsoring.now_ms", lambda: now)
    product = middling(shop)
    assert ads(ask(shop)) == []
    with Shop.open(shop.folder) as other:
        other.ads.add(campaign(product))
    now += 1001
    assert ads(ask(shop)) == [product]
    with Shop.open(shop.folder) as other:
        other.ads.campaigns.set_status("C", Status.PAUSED)
    now += 1001
    assert ads(ask(shop)) == []


def test_a_shop_without_campaigns_writes_nothing(shop: Shop) -> None:
    ask(shop)
    assert Meta(shop._database).get("ads.secret") is None


def test_ads_that_fail_leave_the_page_as_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.ads.add(campaign(middling(shop)))
    plain = ask(shop, ads=False)

    def broken(*_: Any) -> Any:
        raise StorageError("The disk is full.", "Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr("openaisle.ads.campaigns.Campaigns.stamp", broken)
        assert ask(shop).hits == plain.hits
    with monkeypatch.context() as patch:
        patch.setattr("openaisle.profiles.service.Profiles.may_use", broken)
        monkeypatch.setattr("openaisle.profiles.service.Profiles.taste", lambda *_: None)
        assert ask(shop, shopper="ann").hits == plain.hits
    with monkeypatch.context() as patch:
        patch.setattr("openaisle.ads.sealing.Seal.seal", broken)
        assert ask(shop).hits == plain.hits
    assert ads(ask(shop)) != []


def test_a_model_that_cannot_be_read_keeps_no_search_from_its_answer(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ModelError("It cannot be read.", "Learn again.")

    monkeypatch.setattr("openaisle.ads.advertising.Advertising.server", broken)
    assert len(ask(shop).hits) == 10


def test_a_shopper_sees_a_capped_campaign_so_often_unless_they_said_no(shop: Shop) -> None:
    product = middling(shop)
    shop.ads.add(campaign(product, cap=FrequencyCap(2, 24)))
    assert [len(ads(ask(shop, shopper="ann"))) for _ in range(4)] == [1, 1, 0, 0]
    assert [len(ads(ask(shop))) for _ in range(4)] == [1, 1, 1, 1]
    shop.profiles.switch_off("ann")
    assert [len(ads(ask(shop, shopper="ann"))) for _ in range(3)] == [1, 1, 1]


def test_topics_are_found_by_the_vector_that_the_search_has(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sys.path.insert(0, str(Path(__file__).parent / "indexing"))
    from fake_encoder import FakeEncoder

    class Counted(FakeEncoder):
        queries = 0

        def encode_queries(self, texts: Sequence[str]) -> Vectors:
            self.queries += 1
            return self.encode_documents(texts)

        def encode_documents(self, texts: Sequence[str]) -> Vectors:
            return super().encode_queries(texts)

    encoder = Counted()
    monkeypatch.setattr("openaisle.standing.encoder_of", lambda *_: encoder)
    shop.adopt(None)
    shop.reindex()
    product = middling(shop)
    shop.ads.add(campaign(product, keywords=(), topics=("kettle",), similarity=0.6))
    before = encoder.queries
    assert ads(ask(shop)) == [product]
    assert encoder.queries == before + 1
    assert ads(ask(shop, mode=Mode.LEXICAL)) == []  # there is no vector
