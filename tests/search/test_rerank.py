"""Re-ranking: the top in a new order, scores still sums, never longer than allowed, and nothing where it must not."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from fake_encoder import FakeEncoder

from openaisle.catalog.product import Product
from openaisle.catalog.store import Catalog
from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.engines.embedded.postings import FieldWeight
from openaisle.errors import ModelError
from openaisle.indexing.indexer import Indexer, IndexingPlan
from openaisle.indexing.texts import SPELLING
from openaisle.models.protocol import Relevances
from openaisle.search.pipeline import SearchPipeline
from openaisle.search.request import Mode, SearchRequest
from openaisle.search.rerank import Cost, RerankStep
from openaisle.search.response import SearchResponse
from openaisle.settings import RerankerSettings, SearchSettings
from openaisle.storage import migrate, open_engine

FIELDS = ("title", "brand", "category", "attributes", "description", "identifiers")
WEIGHTS = {**{name: FieldWeight(1.0) for name in FIELDS}, SPELLING: FieldWeight(0.0)}
COUNT = 60
PLENTY = RerankerSettings("onnx:x", top=20, budget_ms=10_000, weight=1.0)


@dataclass
class LastFirst:
    """Finds a text the better the higher the number it ends with."""

    seconds: float = 0.0
    fails: bool = False
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    name = "last first"

    def score(self, query: str, texts: Sequence[str]) -> Relevances:
        if self.fails:
            raise ModelError("The model is broken.", "Mend it.")
        self.asked.append((query, tuple(texts)))
        time.sleep(self.seconds * len(texts))
        ends = [text.rsplit(" ", 1)[-1] for text in texts]
        return np.array([float(end) / 1000 if end.isdigit() else 0.0 for end in ends], np.float32)

    @property
    def pairs(self) -> list[str]:
        return [text for _, texts in self.asked for text in texts]


@dataclass
class Shop:
    engine: EmbeddedEngine
    encoder: FakeEncoder
    catalog: Catalog

    def pipeline(self, reranker: LastFirst, settings: RerankerSettings = PLENTY) -> SearchPipeline:
        step = RerankStep(reranker, settings, self.catalog.get_bodies)
        reranker.asked.clear()
        return SearchPipeline(self.engine, self.encoder, self.catalog.get_bodies, SearchSettings(), step)

    def plain(self) -> SearchPipeline:
        return SearchPipeline(self.engine, self.encoder, self.catalog.get_bodies, SearchSettings())


def products() -> list[Product]:
    """Mugs whose titles grow longer, so that words alone put the lowest number first; variants come in threes."""
    return [
        Product(
            id=f"p{number:03}",
            title={"en": f"red mug {'of fine porcelain ' * (number // 3)}{number}"},
            group_id=f"g{number // 3}",
            price=float(COUNT - number),
            mpn=f"MPN-{number}",
            ranking={"popularity": float(number % 7)},
        )
        for number in range(COUNT)
    ]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("shop")
    database = open_engine(f"sqlite:///{folder / 'shop.db'}")
    migrate(database)
    catalog = Catalog(database)
    catalog.upsert(products())
    engine, encoder = EmbeddedEngine(folder / "index", WEIGHTS), FakeEncoder()
    Indexer(catalog, engine, encoder, IndexingPlan(("title",), "w")).rebuild(lambda *_: None)
    return Shop(engine, encoder, catalog)


def ask(pipeline: SearchPipeline, query: str = "red mug", **fields: Any) -> SearchResponse:
    return pipeline.search(SearchRequest(query, **{"limit": COUNT, "group": False, **fields}))


def ids(response: SearchResponse) -> list[str]:
    return [hit.id for hit in response.hits]


def number(id: str) -> int:
    return int(id[1:])


def test_the_top_is_read_and_put_in_a_new_order(shop: Shop) -> None:
    reranker = LastFirst()
    before = ids(ask(shop.plain()))
    after = ids(ask(shop.pipeline(reranker, replace(PLENTY, weight=1000.0))))
    assert after[:20] == sorted(before[:20], key=number, reverse=True)
    assert after[20:] == before[20:]
    assert [text.rsplit(" ", 1)[-1] for text in reranker.pairs] == [str(number(id)) for id in before[:20]]
    assert {query for query, _ in reranker.asked} == {"red mug"}


def test_scores_stay_sums_of_named_parts(shop: Shop) -> None:
    weight = 3.0
    hits = ask(shop.pipeline(LastFirst(), replace(PLENTY, weight=weight)), explain=True).hits
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for place, hit in enumerate(hits):
        assert hit.explanation is not None
        assert sum(hit.explanation.values()) == pytest.approx(hit.score, rel=1e-5)
        expected = weight * number(hit.id) / 1000 if place < 20 else 0.0
        assert hit.explanation.get("reranker", 0.0) == pytest.approx(expected, rel=1e-5)


def test_pages_of_one_ranking_fit_together(shop: Shop) -> None:
    pipeline = shop.pipeline(LastFirst())
    whole = ids(ask(pipeline))
    paged = [id for offset in range(0, COUNT, 7) for id in ids(ask(pipeline, limit=7, offset=offset))]
    assert paged == whole
    assert len(set(whole)) == COUNT


def test_a_page_behind_the_top_is_not_read(shop: Shop) -> None:
    reranker = LastFirst()
    assert "rerank" not in ask(shop.pipeline(reranker), offset=20).timings
    assert not reranker.asked


def test_variants_are_one_candidate_and_move_together(shop: Shop) -> None:
    reranker = LastFirst()
    settings = replace(PLENTY, top=5, weight=1000.0)
    before = ask(shop.plain(), group=True)
    after = ask(shop.pipeline(reranker, settings), group=True)
    groups = [id[:-3] + str(number(id) // 3) for id in ids(after)]
    assert len(reranker.pairs) == 5
    assert after.total == before.total == COUNT // 3
    assert len(set(groups)) == len(groups)
    assert ids(after)[5:] == ids(before)[5:]
    assert {number(id) // 3 for id in ids(after)[:5]} == {number(id) // 3 for id in ids(before)[:5]}


def test_what_takes_part_is_timed(shop: Shop) -> None:
    assert ask(shop.pipeline(LastFirst(seconds=1e-3))).timings["rerank"] >= 20
    assert "rerank" not in ask(shop.plain()).timings


@pytest.mark.parametrize(
    "fields",
    [
        {"sort": "price:asc"},
        {"query": ""},
        {"query": "MPN-7"},
        {"mode": Mode.LEXICAL},
        {"mode": Mode.DENSE},
        {"query": "submarine"},
    ],
)
def test_chosen_orders_and_exact_numbers_are_left_alone(shop: Shop, fields: dict[str, Any]) -> None:
    reranker = LastFirst()
    assert ids(ask(shop.pipeline(reranker), **fields)) == ids(ask(shop.plain(), **fields))
    assert not reranker.pairs


def test_filters_and_facets_see_the_same_products(shop: Shop) -> None:
    fields: dict[str, Any] = {"filter": "price < 30", "facets": ("price:0,10,20,30",)}
    before, after = ask(shop.plain(), **fields), ask(shop.pipeline(LastFirst()), **fields)
    assert (after.total, after.facets) == (before.total, before.facets)
    assert sorted(ids(after)) == sorted(ids(before))


def test_no_more_is_read_than_fits_the_budget(shop: Shop) -> None:
    reranker = LastFirst(seconds=0.005)
    pipeline = shop.pipeline(reranker, replace(PLENTY, budget_ms=60.0, weight=1000.0))
    response = ask(pipeline)
    read = len(reranker.pairs)
    assert 2 <= read <= 12
    before = ids(ask(shop.plain()))
    assert ids(response)[:read] == sorted(before[:read], key=number, reverse=True)
    assert ids(response)[read:] == before[read:]


def test_a_model_that_became_slow_is_stopped_at_the_clock(shop: Shop) -> None:
    reranker = LastFirst(seconds=0.0)
    pipeline = shop.pipeline(reranker, replace(PLENTY, top=60, budget_ms=100.0))
    reranker.seconds = 0.01
    ask(pipeline)
    # eight pairs a look at the clock: what is over the budget is one chunk at most
    assert len(reranker.pairs) <= 16


def test_a_budget_that_nothing_fits_leaves_the_ranking_and_tries_again_later(shop: Shop) -> None:
    reranker = LastFirst(seconds=0.002)
    settings = replace(PLENTY, budget_ms=1.0)
    pipeline = shop.pipeline(reranker, settings)
    before = ids(ask(shop.plain()))
    assert ids(ask(pipeline)) == before
    assert not reranker.pairs
    reranker.seconds = 0.0
    for _ in range(40):
        ask(pipeline)
    assert reranker.pairs


def test_no_budget_is_off(shop: Shop) -> None:
    reranker = LastFirst()
    assert ids(ask(shop.pipeline(reranker, replace(PLENTY, budget_ms=0.0)))) == ids(ask(shop.plain()))
    assert not reranker.pairs


def test_a_broken_model_leaves_the_ranking(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    reranker = LastFirst()
    pipeline = shop.pipeline(reranker)
    reranker.fails = True
    assert ids(ask(pipeline)) == ids(ask(shop.plain()))
    assert "reranker failed" in caplog.text


def test_cost_follows_what_is_measured() -> None:
    cost = Cost(10.0)
    for _ in range(30):
        cost.measured(8.0, 4)
    assert cost.milliseconds == pytest.approx(2.0, rel=0.01)
    cost.forget()
    assert cost.milliseconds == pytest.approx(1.8, rel=0.01)
