"""Tantivy and a FAISS inverted file, glued: Tantivy filters and counts facets, a NumPy mask filters the vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import tantivy
from numpy.typing import NDArray

from bench.columns import Columns
from bench.corpus import Corpus
from bench.fusion import reciprocal_rank_fusion
from bench.system import CANDIDATES, FACET_VALUES, Answer, Filter, Vector

SCAN = 5_000
"""So many survivors of a filter, or fewer, are scored one by one."""
WRITER_BYTES = 256 << 20


class TantivyFaiss:
    counts_facets = True
    efforts = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256)
    """Cells visited, of about 4 times the square root of the number of vectors."""

    def build(self, corpus: Corpus, folder: Path) -> None:
        (folder / "words").mkdir()
        index = tantivy.Index(_schema(), path=str(folder / "words"))
        writer = index.writer(heap_size=WRITER_BYTES, num_threads=1)
        for row in range(len(corpus)):
            writer.add_document(_document(corpus, row))
        writer.commit()
        writer.wait_merging_threads()
        vectors = np.ascontiguousarray(corpus.vectors)
        cells = int(4 * np.sqrt(len(corpus)))
        near = faiss.index_factory(vectors.shape[1], f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
        near.train(vectors[np.random.default_rng(0).permutation(len(vectors))[: cells * 64]])
        near.add(vectors)
        faiss.write_index(near, str(folder / "near.faiss"))
        np.save(folder / "vectors.npy", vectors)
        Columns.of(corpus).save(folder / "columns.npz")

    def open(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder / "words"))
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._near = faiss.read_index(str(folder / "near.faiss"))
        self._vectors = np.load(folder / "vectors.npy", mmap_mode="r")
        self._columns = Columns.load(folder / "columns.npz")

    def exert(self, effort: int) -> None:
        self._near.nprobe = effort

    def search(self, query: str, vector: Vector, k: int, filter: Filter | None, facets: Sequence[str]) -> Answer:
        lexical = self._query(query, filter)
        hits = self._searcher.search(lexical, CANDIDATES, count=False).hits
        rows = np.array(self._searcher.fast_field_values("id", [address for _, address in hits]), np.int64)
        dense = self._dense(vector, filter)
        return Answer(reciprocal_rank_fusion(rows, dense, k), self._count(facets, lexical))

    def nearest(self, vector: Vector, k: int, filter: Filter | None) -> Sequence[int]:
        return self._dense(vector, filter)[:k].tolist()

    def close(self) -> None:
        del self._searcher, self._index

    def _query(self, query: str, filter: Filter | None) -> tantivy.Query:
        words = "".join(letter if letter.isalnum() else " " for letter in query)
        parsed, _ = self._index.parse_query_lenient(words, ["title"])
        if not filter:
            return parsed
        parts = [(tantivy.Occur.Must, parsed)]
        for condition in _conditions(self._schema, filter):
            parts.append((tantivy.Occur.Must, tantivy.Query.const_score_query(condition, 0.0)))
        return tantivy.Query.boolean_query(parts)

    def _dense(self, vector: Vector, filter: Filter | None) -> NDArray[np.integer]:
        if filter is None:
            return self._near.search(vector[None], CANDIDATES)[1][0]
        mask = self._columns.mask(filter)
        survivors = np.flatnonzero(mask)
        if len(survivors) <= SCAN:
            scores = self._vectors[survivors] @ vector
            return survivors[_best(scores, CANDIDATES)]
        bits = np.packbits(mask, bitorder="little")
        allowed = faiss.IDSelectorBitmap(len(mask), faiss.swig_ptr(bits))
        parameters = faiss.SearchParametersIVF(sel=allowed, nprobe=self._near.nprobe)
        found = self._near.search(vector[None], CANDIDATES, params=parameters)[1][0]
        return found[found >= 0]

    def _count(self, facets: Sequence[str], query: tantivy.Query) -> dict[str, dict[str, int]]:
        if not facets:
            return {}
        wanted = {name: {"terms": {"field": name, "size": FACET_VALUES}} for name in facets}
        counted: dict[str, Any] = self._searcher.aggregate(query, wanted)
        return {
            name: {str(bucket["key"]): bucket["doc_count"] for bucket in counted[name]["buckets"]} for name in facets
        }


def _schema() -> tantivy.Schema:
    schema = tantivy.SchemaBuilder()
    schema.add_integer_field("id", fast=True)
    schema.add_text_field("title", tokenizer_name="en_stem", index_option="freq")
    for name in ("brand", "category", "colour"):
        schema.add_text_field(name, tokenizer_name="raw", fast=True, index_option="basic")
    schema.add_float_field("price", fast=True)
    schema.add_integer_field("stock", fast=True)
    schema.add_integer_field("stars", fast=True)
    schema.add_float_field("rating", fast=True)
    return schema.build()


def _document(corpus: Corpus, row: int) -> tantivy.Document:
    return tantivy.Document(**corpus.row(row), stars=int(corpus.rating[row]))


def _conditions(schema: tantivy.Schema, filter: Filter) -> list[tantivy.Query]:
    conditions = []
    if filter.price:
        conditions.append(tantivy.Query.range_query(schema, "price", tantivy.FieldType.Float, *filter.price))
    if filter.category:
        conditions.append(tantivy.Query.term_query(schema, "category", filter.category))
    return conditions


def _best(scores: NDArray[np.float32], count: int) -> NDArray[np.integer]:
    top = np.argpartition(-scores, count)[:count] if len(scores) > count else np.arange(len(scores))
    return top[np.argsort(-scores[top])]
