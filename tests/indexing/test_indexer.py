from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from fake_encoder import FakeEncoder
from hypothesis import given, settings
from hypothesis import strategies as st

from openaisle.catalog.changes import Patch
from openaisle.catalog.product import Product
from openaisle.catalog.store import Catalog
from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.engines.embedded.postings import FieldWeight
from openaisle.engines.protocol import LexicalQuery, TermGroup, ValueFacet
from openaisle.errors import IndexCorrupt
from openaisle.indexing.indexer import Indexer, IndexingPlan
from openaisle.indexing.texts import SPELLING
from openaisle.language import Analyzer
from openaisle.storage import migrate, open_engine

PLAN = IndexingPlan(("title", "brand"), "weights")
WEIGHTS = {"title": FieldWeight(3.0), "brand": FieldWeight(2.0), SPELLING: FieldWeight(0.0)}


def silent(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody listens to."""


class Place:
    """A catalogue, an engine and what keeps them in step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = open_engine(f"sqlite:///{folder / 'shop.db'}")
        migrate(self.database)
        self.catalog = Catalog(self.database)
        self.engine = EmbeddedEngine(folder / "index", WEIGHTS)
        self.encoder = FakeEncoder()
        self.indexer = Indexer(self.catalog, self.engine, self.encoder, PLAN)

    def rebuilt(self) -> EmbeddedEngine:
        """What a rebuild from the same catalogue gives."""
        fresh = EmbeddedEngine(self.folder / "fresh", WEIGHTS)
        Indexer(self.catalog, fresh, FakeEncoder(), PLAN).rebuild(silent)
        return fresh


@contextmanager
def place() -> Iterator[Place]:
    with TemporaryDirectory() as folder:
        made = Place(Path(folder))
        yield made
        made.database.dispose()


@pytest.fixture
def shop() -> Iterator[Place]:
    with place() as made:
        yield made


def mug(number: int, **fields: object) -> Product:
    return replace(Product(id=f"p{number}", title={"en": f"mug number {number}"}, price=float(number)), **fields)


def contents(engine: EmbeddedEngine) -> dict[str, object]:
    """All that can be told of each document without looking inside the engine."""
    snapshot = engine.snapshot()
    rows = snapshot.browse(None)
    cosines = snapshot.cosines(rows, FakeEncoder().encode_queries(["mug number 1 red"])[0])
    found = {id: {"cosine": round(float(c), 3)} for id, c in zip(snapshot.ids(rows), cosines, strict=True)}
    for field in snapshot.fields:
        for row, id in zip(rows, snapshot.ids(rows), strict=True):
            held = snapshot.facets(np.array([row], np.int32), None, [ValueFacet(field)])[0]
            if held:
                found[id][field] = tuple(sorted(held))
    for term in ("mug", "red", "blue", "acm"):
        query = LexicalQuery((TermGroup(((term, 1.0),)),), 1.0)
        for id in snapshot.ids(snapshot.retrieve(query, None, None).lexical):
            found[id][f"term {term}"] = True
    return found


def test_a_first_catch_up_indexes_everything(shop: Place) -> None:
    shop.indexer.rebuild(silent)
    shop.catalog.upsert(mug(n) for n in range(30))
    assert shop.indexer.pending() == 30
    done = shop.indexer.catch_up(silent)
    assert (done.documents, done.sequence, shop.indexer.pending()) == (30, 30, 0)
    assert shop.engine.snapshot().documents == 30


def test_price_changes_encode_nothing(shop: Place) -> None:
    shop.catalog.upsert(mug(n) for n in range(30))
    shop.indexer.rebuild(silent)
    before = shop.encoder.encoded
    shop.catalog.patch([Patch("p1", {"price": 99.0, "stock": 0}), Patch("p2", {"price": None})])
    done = shop.indexer.catch_up(silent)
    assert (done.documents, done.patched, shop.encoder.encoded) == (0, 2, before)
    assert contents(shop.engine) == contents(shop.rebuilt())


def test_a_ranking_signal_that_is_gone_leaves_the_index(shop: Place) -> None:
    shop.catalog.upsert(mug(n, ranking={"margin": 0.5, "popularity": 3.0}) for n in range(20))
    shop.indexer.rebuild(silent)
    shop.catalog.upsert([mug(3, ranking={"margin": 0.5})])
    assert shop.indexer.catch_up(silent).patched == 1
    assert contents(shop.engine) == contents(shop.rebuilt())
    assert "ranking.popularity" not in contents(shop.engine)["p3"]  # type: ignore[operator]


def test_variants_that_share_a_text_are_encoded_once(shop: Place) -> None:
    shop.catalog.upsert(replace(mug(1), id=f"v{n}", group_id="g", price=float(n)) for n in range(10))
    shop.indexer.rebuild(silent)
    assert shop.encoder.encoded == 1
    assert shop.engine.snapshot().grouped


def test_the_lexicon_holds_the_shops_own_words(shop: Place) -> None:
    shop.catalog.upsert([mug(1, brand="小米之家", category=("厨房", "杯子"))])
    shop.indexer.rebuild(silent)
    assert {"小米之家", "杯子"} <= set(shop.engine.built_with.lexicon)
    terms = Analyzer(shop.indexer._lexicon()).terms("小米之家")
    assert "小米之家" in terms


def test_an_outgrown_index_is_built_anew(shop: Place) -> None:
    shop.catalog.upsert([mug(0)])
    shop.indexer.rebuild(silent)
    first = shop.engine.generation
    shop.catalog.upsert(mug(n, brand="新牌子") for n in range(1, 30))
    shop.indexer.catch_up(silent)
    assert shop.engine.generation > first
    assert "新牌子" in shop.engine.built_with.lexicon
    shop.catalog.upsert([mug(30)])
    second = shop.engine.generation
    shop.indexer.catch_up(silent)
    assert shop.engine.generation == second


def test_a_damaged_index_is_rebuilt_but_not_quietly(shop: Place) -> None:
    shop.catalog.upsert(mug(n) for n in range(5))
    shop.indexer.rebuild(silent)
    for file in (shop.folder / "index").rglob("*.arrays"):
        file.write_bytes(b"damaged")
    shop.engine = EmbeddedEngine(shop.folder / "index", WEIGHTS)
    indexer = Indexer(shop.catalog, shop.engine, shop.encoder, PLAN)
    with pytest.raises(IndexCorrupt):
        indexer.catch_up(silent)
    assert indexer.rebuild(silent).documents == 5
    assert shop.engine.snapshot().documents == 5


def test_what_an_index_is_built_with(shop: Place) -> None:
    wanted = shop.indexer.wanted()
    other = Indexer(shop.catalog, shop.engine, FakeEncoder("2"), PLAN).wanted()
    assert wanted.differences(other) == ["encoder"]
    weights = Indexer(shop.catalog, shop.engine, shop.encoder, IndexingPlan(("title", "brand"), "other")).wanted()
    assert wanted.differences(weights) == ["schema"]
    assert Indexer(shop.catalog, shop.engine, None, PLAN).wanted().encoder == ""


def test_vectors_are_kept_in_the_numbers_that_the_encoder_names(shop: Place) -> None:
    shop.catalog.upsert(mug(n) for n in range(30))
    shop.indexer.rebuild(silent)
    rows = shop.engine.snapshot().browse(None)
    exact = shop.engine.snapshot().vectors(rows)
    encoder = FakeEncoder()
    encoder.identity = replace(encoder.identity, vectors="binary")
    Indexer(shop.catalog, shop.engine, encoder, PLAN).rebuild(silent)
    coded = shop.engine.snapshot().vectors(rows)
    assert len(set(np.abs(coded[0]).tolist())) == 1
    np.testing.assert_array_equal(coded > 0, exact > 0)


def test_without_an_encoder_nothing_has_a_vector(shop: Place) -> None:
    shop.catalog.upsert(mug(n) for n in range(5))
    Indexer(shop.catalog, shop.engine, None, PLAN).rebuild(silent)
    snapshot = shop.engine.snapshot()
    assert np.isnan(snapshot.cosines(snapshot.browse(None), np.ones(4, np.float32))).all()


_fields = st.fixed_dictionaries(
    {},
    optional={
        "brand": st.sampled_from((None, "Acme", "耐克")),
        "title": st.sampled_from(({"en": "red mug"}, {"zh": "红色杯子"}, {"en": "blue mug"})),
        "price": st.sampled_from((None, 1.0, 2.5)),
        "stock": st.sampled_from((None, 0, 7)),
        "ranking": st.sampled_from(({}, {"a": 1.0}, {"a": 2.0, "b": 1.0})),
        "attributes": st.sampled_from(({}, {"size": "XL"}, {"size": 42.0}, {"tags": ("a", "b")})),
        "group_id": st.sampled_from((None, "g")),
    },
)
_change = st.one_of(
    st.tuples(st.just("upsert"), st.integers(0, 9), _fields),
    st.tuples(st.just("delete"), st.integers(0, 9), st.just({})),
    st.tuples(st.just("patch"), st.integers(0, 9), st.fixed_dictionaries({"price": st.sampled_from((3.0, None))})),
    st.tuples(st.just("catch up"), st.just(0), st.just({})),
)


@settings(max_examples=10)
@given(st.lists(_change, max_size=30))
def test_catching_up_gives_what_a_rebuild_would(changes: list[tuple[str, int, dict[str, object]]]) -> None:
    with place() as shop:
        shop.catalog.upsert(mug(n) for n in range(6))
        shop.indexer.rebuild(silent)
        for kind, number, fields in changes:
            match kind:
                case "upsert":
                    shop.catalog.upsert([mug(number, **fields)])
                case "delete":
                    shop.catalog.delete([f"p{number}"])
                case "patch":
                    shop.catalog.patch([Patch(f"p{number}", fields)])
                case _:
                    shop.indexer.catch_up(silent)
        shop.indexer.catch_up(silent)
        assert shop.indexer.pending() == 0
        assert contents(shop.engine) == contents(shop.rebuilt())
