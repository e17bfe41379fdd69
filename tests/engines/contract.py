"""What every engine must do. An engine's test module inherits `EngineContract` and says how to open one."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from catalogues import DIMENSIONS, FIELDS, WORDS, catalogues, filters, queries, vectors
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from machine import machine_for
from numbers_contract import NumbersContract
from reference import Words, cosine, facet_counts, holds, sorted_ids

from openaisle.engines.filters.expression import Expression
from openaisle.engines.filters.parser import parse
from openaisle.engines.protocol import (
    WRITTEN,
    BuiltWith,
    DenseQuery,
    Direction,
    Document,
    Engine,
    LexicalQuery,
    RangeFacet,
    Snapshot,
    Sort,
    TermGroup,
    ValueFacet,
    Writer,
)
from openaisle.errors import ShopLocked

BUILT = BuiltWith(analysis="1", schema="s", encoder="e", lexicon=("耐克",))
EXAMPLES = settings(max_examples=25)
FACETS = (*(ValueFacet(field) for field in FIELDS), ValueFacet("brand", 2), RangeFacet("price", (-1.0, 10.0, 42.0)))
FACETS = (*FACETS, RangeFacet("size", (0.0, 10.0, float("inf"))))


class EngineContract(NumbersContract):
    """`title` weighs 3 and `brand` 1, both with b .75; every engine in a folder of its own."""

    def open(self, folder: Path) -> Engine:
        raise NotImplementedError

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return self.open(tmp_path / "index")

    # What is found, against plain Python

    @EXAMPLES
    @given(catalogues(), st.integers(0, 14), st.lists(filters, min_size=1, max_size=6))
    def test_filters_hold_for_exactly_the_right_documents(
        self, documents: list[Document], cut: int, expressions: list[Expression]
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            snapshot = filled(self.open(Path(folder)), documents[:cut], documents[cut:])
            for expression in expressions:
                right = [document.id for document in documents if holds(expression, document)]
                rows = snapshot.browse(expression)
                assert sorted(snapshot.ids(rows)) == sorted(right)
                every = snapshot.browse(None)
                assert set(every[snapshot.passing(every, expression)]) == set(rows)

    @EXAMPLES
    @given(catalogues(), st.integers(0, 14), st.one_of(st.none(), filters))
    def test_facets_count_exactly(self, documents: list[Document], cut: int, filter: Expression | None) -> None:
        with tempfile.TemporaryDirectory() as folder:
            snapshot = filled(self.open(Path(folder)), documents[:cut], documents[cut:])
            matching = [d for d in documents if filter is None or holds(filter, d)]
            rows = snapshot.browse(filter)
            by_row = snapshot.facets(rows, None, FACETS)
            by_group = snapshot.facets(rows, snapshot.groups(rows), FACETS)
            for facet, counts, grouped in zip(FACETS, by_row, by_group, strict=True):
                assert list(counts.items()) == list(facet_counts(matching, facet, by_group=False).items())
                assert list(grouped.items()) == list(facet_counts(matching, facet, by_group=True).items())

    @EXAMPLES
    @given(catalogues(), st.integers(0, 14), st.sampled_from(FIELDS), st.sampled_from(Direction))
    def test_sorting(self, documents: list[Document], cut: int, field: str, direction: Direction) -> None:
        with tempfile.TemporaryDirectory() as folder:
            snapshot = filled(self.open(Path(folder)), documents[:cut], documents[cut:])
            by_id = {document.id: document for document in documents}
            rows = snapshot.browse(None)[::-1]
            order = snapshot.sort(rows, Sort(field, direction))
            given_order = [by_id[id] for id in snapshot.ids(rows)]
            assert snapshot.ids(rows[order]) == sorted_ids(given_order, Sort(field, direction))

    @EXAMPLES
    @given(catalogues(), st.lists(queries, min_size=1, max_size=5), st.one_of(st.none(), filters))
    def test_words_match_and_score(
        self, documents: list[Document], asked: list[LexicalQuery], filter: Expression | None
    ) -> None:
        words = Words(documents)
        with tempfile.TemporaryDirectory() as folder:
            snapshot = filled(self.open(Path(folder)), documents)
            assert {t: snapshot.frequency(t) for t in WORDS} == {t: words.frequency(t) for t in WORDS}
            for query in asked:
                check_matches(snapshot, words, query, filter)

    @EXAMPLES
    @given(catalogues(), st.integers(0, 14), queries)
    def test_explanations_sum_to_the_score(self, documents: list[Document], cut: int, query: LexicalQuery) -> None:
        with tempfile.TemporaryDirectory() as folder:
            snapshot = filled(self.open(Path(folder)), documents[:cut], documents[cut:])
            rows = snapshot.browse(None)
            for row, score in zip(rows, snapshot.lexical_scores(rows, query), strict=True):
                parts = snapshot.explain(int(row), query)
                assert sum(part.score for part in parts) == pytest.approx(float(score), abs=1e-4)
                assert len(parts) <= len(query.groups)

    @EXAMPLES
    @given(catalogues(), st.integers(0, 14), vectors(), st.integers(1, 20), st.one_of(st.none(), filters))
    def test_the_nearest_come_first(
        self, documents: list[Document], cut: int, query: np.ndarray, limit: int, filter: Expression | None
    ) -> None:
        with tempfile.TemporaryDirectory() as folder:
            snapshot = filled(self.open(Path(folder)), documents[:cut], documents[cut:])
            exact = {d.id: cosine(d, query) for d in documents if filter is None or holds(filter, d)}
            best = sorted((c for c in exact.values() if c is not None), reverse=True)[:limit]
            found = snapshot.retrieve(None, DenseQuery(query, limit), filter)
            assert found.dense_scores == pytest.approx(best, abs=1e-3)
            for id, score in zip(snapshot.ids(found.dense), found.dense_scores, strict=True):
                assert exact[id] == pytest.approx(float(score), abs=1e-3)
            assert list(found.dense_scores) == sorted(found.dense_scores, reverse=True)

    @EXAMPLES
    @given(catalogues(), st.integers(0, 14), vectors())
    def test_cosines_of_any_rows(self, documents: list[Document], cut: int, query: np.ndarray) -> None:
        with tempfile.TemporaryDirectory() as folder:
            snapshot = filled(self.open(Path(folder)), documents[:cut], documents[cut:])
            ids = [document.id for document in documents]
            rows = snapshot.find(ids)
            assert snapshot.ids(rows) == ids
            exact = [np.nan if (c := cosine(d, query)) is None else c for d in documents]
            assert snapshot.cosines(rows, query) == pytest.approx(exact, abs=1e-3, nan_ok=True)

    # Change

    def test_any_series_of_changes_gives_what_a_rebuild_would(self) -> None:
        run_state_machine_as_test(
            machine_for(self.open), settings=settings(max_examples=12, stateful_step_count=30, deadline=None)
        )

    def test_an_old_snapshot_keeps_answering(self, engine: Engine) -> None:
        rng = np.random.default_rng(0)
        old = filled(engine, [_plain(f"p{number}", rng) for number in range(60)])
        query, vector = one_word("shoe"), _unit(rng)
        before = _answers(old, query, vector)
        for commit in range(40):
            with engine.writer() as writer:
                writer.delete(f"p{commit}")
                writer.upsert(_plain(f"q{commit}", rng))
                writer.patch("p59", {"price": float(commit)})
                writer.commit(2 + commit)
        for _ in range(3):
            with engine.rebuild(BUILT, DIMENSIONS) as writer:
                writer.commit(100)
        assert engine.snapshot().documents == 0
        assert _answers(old, query, vector) == before

    def test_nothing_is_seen_before_the_commit(self, engine: Engine) -> None:
        rng = np.random.default_rng(0)
        filled(engine, [_plain("a", rng)])
        with engine.writer() as writer:
            writer.upsert(_plain("b", rng))
            assert writer.delete("a")
            assert ids(engine) == ["a"]
            writer.commit(2)
            assert ids(engine) == ["b"]
        assert engine.sequence == 2

    def test_a_writer_that_fails_changes_nothing(self, engine: Engine) -> None:
        rng = np.random.default_rng(0)
        filled(engine, [_plain("a", rng)])
        with pytest.raises(RuntimeError, match="stop"):
            _fail(engine.writer(), [_plain("a", rng), _plain("b", rng)])
        assert ids(engine) == ["a"]
        with engine.writer() as writer:
            assert not writer.delete("b")
            writer.commit(2)
        assert ids(engine) == ["a"]

    def test_a_rebuild_that_fails_leaves_the_live_index(self, engine: Engine) -> None:
        rng = np.random.default_rng(0)
        filled(engine, [_plain("a", rng)])
        live = engine.generation
        with pytest.raises(RuntimeError, match="stop"):
            _fail(engine.rebuild(BUILT, DIMENSIONS), [_plain("b", rng)])
        assert (engine.generation, ids(engine)) == (live, ["a"])

    def test_what_is_unknown_is_told(self, engine: Engine) -> None:
        filled(engine, [_plain("a", np.random.default_rng(0))])
        with engine.writer() as writer:
            assert not writer.delete("z")
            assert not writer.patch("z", {"price": 1.0})
            assert writer.delete("a")
            assert not writer.delete("a")
            assert not writer.patch("a", {"price": 1.0})

    def test_it_remembers_what_it_was_built_with(self, engine: Engine) -> None:
        assert not engine.exists()
        filled(engine, [])
        assert engine.exists()
        assert engine.built_with == BUILT
        assert engine.snapshot().documents == 0

    def test_a_second_writer_is_refused(self, engine: Engine, tmp_path: Path) -> None:
        filled(engine, [])
        with engine.writer(), pytest.raises(ShopLocked):
            self.open(tmp_path / "index").writer()
        with engine.writer() as writer:
            writer.commit(3)

    # Variants

    def test_variants_never_combine(self, engine: Engine) -> None:
        shirt = [("blue", "M"), ("red", "XXL")]
        documents = [
            Document(f"{colour}-{size}", "shirt", {"title": ["shirt"]}, {"colour": colour, "size": size})
            for colour, size in shirt
        ]
        snapshot = filled(engine, documents[:1], documents[1:])
        assert len(snapshot.browse(parse("colour = blue AND size = XXL"))) == 0
        rows = snapshot.browse(parse("colour = blue OR size = XXL"))
        assert snapshot.grouped
        assert len(set(snapshot.groups(rows))) == 1
        counts = snapshot.facets(rows, snapshot.groups(rows), [ValueFacet("colour"), ValueFacet("size")])
        assert counts == [{"blue": 1, "red": 1}, {"M": 1, "XXL": 1}]

    def test_groups_reach_over_commits(self, engine: Engine) -> None:
        rng = np.random.default_rng(0)
        first = [_plain(f"a{number}", rng, group=f"g{number}") for number in range(20)]
        second = [_plain(f"b{number}", rng, group=f"g{number}") for number in range(4)]
        snapshot = filled(engine, first, second)
        rows = snapshot.find(["a1", "b1", "a2", "b2", "a9"])
        numbers = list(snapshot.groups(rows))
        assert numbers[0] == numbers[1] != numbers[2] == numbers[3]
        assert len(set(numbers)) == 3

    def test_an_updated_product_is_no_variant_of_itself(self, engine: Engine) -> None:
        rng = np.random.default_rng(0)
        snapshot = filled(engine, [_plain(f"p{number}", rng) for number in range(20)], [_plain("p3", rng)])
        assert not snapshot.grouped

    # Written words

    def test_words_are_completed_and_corrected(self, engine: Engine) -> None:
        written = {"a": ["headphones", "head"], "b": ["headphones"], "c": ["heater"], "d": ["hedge"], "e": ["耳机"]}
        documents = [
            Document(id, id, {"title": [f"{WRITTEN}{word}" for word in found]}, {}) for id, found in written.items()
        ]
        snapshot = filled(engine, documents[:4], documents[4:])
        assert snapshot.completions("head", 5) == ["headphones", "head"]
        assert snapshot.completions("he", 2) == ["headphones", "head"]
        assert snapshot.completions("x", 5) == []
        assert snapshot.corrections("haedphones", 1, 5) == ["headphones"]
        assert snapshot.corrections("headfone", 2, 5) == []
        assert snapshot.corrections("heder", 2, 5) == ["heater", "hedge"]
        with engine.writer() as writer:
            writer.delete("a")
            writer.delete("b")
            writer.commit(9)
        assert engine.snapshot().completions("head", 5) == []
        assert engine.snapshot().corrections("haedphones", 1, 5) == []

    def test_a_written_word_is_no_term(self, engine: Engine) -> None:
        document = Document("a", "a", {"title": ["shoe", f"{WRITTEN}shoes"]}, {})
        found = filled(engine, [document]).retrieve(one_word("shoes"), None, None)
        assert len(found.lexical) == 0

    # What the numbers of a candidate list mean

    def test_unknown_words_lower_the_coverage(self, engine: Engine) -> None:
        rng = np.random.default_rng(0)
        snapshot = filled(engine, [_plain("a", rng), _plain("b", rng)])
        known = snapshot.retrieve(one_word("shoe"), None, None)
        assert known.coverage == pytest.approx(1.0)
        half = LexicalQuery((*one_word("shoe").groups, *one_word("zebra").groups), 0.5)
        found = snapshot.retrieve(half, None, None)
        assert len(found.lexical) == len(known.lexical)
        assert 0 < found.coverage < 0.5
        assert found.ceiling > float(found.lexical_scores.max())
        nothing = snapshot.retrieve(one_word("zebra"), None, None)
        assert (len(nothing.lexical), nothing.coverage) == (0, 0.0)

    def test_fields_and_numbers(self, engine: Engine) -> None:
        documents = [
            Document("a", "a", {}, {"price": 5.0, "sale": True, "tags": ("x", "y"), "size": 40.0}),
            Document("b", "b", {}, {"brand": "B", "size": "XL"}),
        ]
        snapshot = filled(engine, documents[:1], documents[1:])
        kinds = {"price": "number", "sale": "boolean", "tags": "keyword", "size": "keyword", "brand": "keyword"}
        assert dict(snapshot.fields) == kinds
        rows = snapshot.find(["b", "a"])
        assert list(snapshot.numbers(rows, "price")) == pytest.approx([np.nan, 5.0], nan_ok=True)
        assert list(snapshot.numbers(rows, "size")) == pytest.approx([np.nan, 40.0], nan_ok=True)
        assert np.isnan(snapshot.numbers(rows, "nowhere")).all()
        assert {field for field in (*kinds, "nowhere") if snapshot.has_numbers(field)} == {"price", "size"}

    def test_an_empty_index_answers(self, engine: Engine) -> None:
        snapshot = filled(engine, [])
        found = snapshot.retrieve(one_word("shoe"), DenseQuery(_unit(np.random.default_rng(0)), 5), parse("a = 1"))
        assert (len(found.lexical), len(found.dense), found.coverage) == (0, 0, 0.0)
        rows = snapshot.browse(None)
        assert (len(rows), snapshot.ids(rows), snapshot.fields) == (0, [], {})
        assert snapshot.facets(rows, None, [ValueFacet("a"), RangeFacet("b", (0.0, 1.0))]) == [{}, {"0..1": 0}]
        assert len(snapshot.sort(rows, Sort("a", Direction.ASC))) == 0
        assert not snapshot.grouped
        assert len(snapshot.find(["x"])) == 0


def filled(engine: Engine, *commits: Sequence[Document]) -> Snapshot:
    """The snapshot after a rebuild with the first documents and a commit for each further batch."""
    for number, documents in enumerate(commits):
        with engine.writer() if number else engine.rebuild(BUILT, DIMENSIONS) as writer:
            for document in documents:
                writer.upsert(document)
            writer.commit(number + 1)
    return engine.snapshot()


def check_matches(snapshot: Snapshot, words: Words, query: LexicalQuery, filter: Expression | None) -> None:
    found = snapshot.retrieve(query, None, filter)
    assert list(found.lexical) == sorted(found.lexical)
    scores = dict(zip(snapshot.ids(found.lexical), found.lexical_scores, strict=True))
    enough = query.coverage * sum(words.information(group) for group in words.known(query))
    total = sum(words.information(group) for group in query.groups)
    best = 0.0
    for document in words.documents:
        carried = words.carried(document, query)
        allowed = filter is None or holds(filter, document)
        if abs(carried - enough) < 1e-4 and carried:  # on the line either is right, unless it says everything
            if query.coverage == 1.0:
                assert (document.id in scores) == allowed
        else:
            assert (document.id in scores) == (allowed and carried > enough), document
        if document.id in scores:
            assert scores[document.id] == pytest.approx(words.score(document, query), abs=words.tolerance(query))
            best = max(best, carried)
    assert found.coverage == pytest.approx(best / total if total else 0.0, abs=1e-4)
    assert found.ceiling == pytest.approx(total * 2.2, rel=1e-4)


def _fail(writer: Writer, documents: Sequence[Document]) -> None:
    with writer:
        for document in documents:
            writer.upsert(document)
            writer.delete("a")
        raise RuntimeError("stop")


def one_word(word: str) -> LexicalQuery:
    return LexicalQuery((TermGroup(((word, 1.0),)),), 1.0)


def ids(engine: Engine) -> list[str]:
    snapshot = engine.snapshot()
    return sorted(snapshot.ids(snapshot.browse(None)))


def _plain(id: str, rng: np.random.Generator, group: str | None = None) -> Document:
    return Document(id, group or id, {"title": ["shoe", f"only{id}"]}, {"price": float(rng.integers(9))}, _unit(rng))


def _unit(rng: np.random.Generator) -> np.ndarray:
    vector = rng.normal(size=DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


def _answers(snapshot: Snapshot, query: LexicalQuery, vector: np.ndarray) -> tuple[object, ...]:
    found = snapshot.retrieve(query, DenseQuery(vector, 10), parse("price > 2"))
    rows = snapshot.browse(None)
    return (
        snapshot.documents,
        snapshot.ids(found.lexical),
        found.lexical_scores.tolist(),
        snapshot.ids(found.dense),
        found.dense_scores.tolist(),
        snapshot.ids(rows),
        snapshot.facets(rows, None, [ValueFacet("price")]),
        snapshot.ids(rows[snapshot.sort(rows, Sort("price", Direction.DESC))]),
    )
