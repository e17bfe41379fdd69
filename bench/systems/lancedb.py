"""LanceDB: IVF-HNSW-SQ, its own full-text index, scalar indexes, its own hybrid search with reciprocal ranks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import lancedb
import pyarrow as pa
from lancedb.rerankers import RRFReranker

from bench.corpus import Corpus
from bench.system import CANDIDATES, Answer, Filter, Vector

ROWS_PER_PARTITION = 1_000_000
"""As its documentation advises for HNSW partitions: few, large ones."""


class LanceDB:
    counts_facets = False
    efforts = (100, 128, 160, 200, 256, 320, 400, 512, 768)

    def build(self, corpus: Corpus, folder: Path) -> None:
        dimensions = corpus.vectors.shape[1]
        table = lancedb.connect(folder).create_table("products", _arrow(corpus, dimensions))
        table.create_index(
            metric="dot",
            index_type="IVF_HNSW_SQ",
            num_partitions=max(1, len(corpus) // ROWS_PER_PARTITION),
            m=20,
            ef_construction=150,
        )
        table.create_fts_index("title", use_tantivy=False, with_position=False)
        table.create_scalar_index("price", index_type="BTREE")
        table.create_scalar_index("category", index_type="BITMAP")
        table.optimize()

    def open(self, folder: Path) -> None:
        self._table = lancedb.connect(folder).open_table("products")
        self._reranker = RRFReranker()

    def exert(self, effort: int) -> None:
        self._effort = effort

    def search(self, query: str, vector: Vector, k: int, filter: Filter | None, facets: Sequence[str]) -> Answer:
        search = self._table.search(query_type="hybrid", vector_column_name="vector").vector(vector).text(_words(query))
        if filter:
            search = search.where(_where(filter), prefilter=True)
        search = search.distance_type("dot").ef(self._effort).rerank(self._reranker).limit(CANDIDATES).select(["id"])
        return Answer(search.to_arrow()["id"].to_pylist()[:k])

    def nearest(self, vector: Vector, k: int, filter: Filter | None) -> Sequence[int]:
        search = self._table.search(vector).distance_type("dot").ef(self._effort)
        if filter:
            search = search.where(_where(filter), prefilter=True)
        return search.limit(CANDIDATES).select(["id"]).to_arrow()["id"].to_pylist()[:k]

    def close(self) -> None:
        del self._table


def _arrow(corpus: Corpus, dimensions: int) -> pa.Table:
    flat = pa.array(corpus.vectors.reshape(-1), pa.float32())
    return pa.table(
        {
            "id": pa.array(range(len(corpus)), pa.int32()),
            "title": corpus.titles,
            "brand": corpus.brand,
            "category": corpus.category,
            "colour": corpus.colour,
            "price": corpus.price,
            "stock": corpus.stock,
            "rating": corpus.rating,
            "vector": pa.FixedSizeListArray.from_arrays(flat, dimensions),
        }
    )


def _where(filter: Filter) -> str:
    parts = []
    if filter.price:
        parts.append(f"price >= {filter.price[0]} AND price <= {filter.price[1]}")
    if filter.category:
        parts.append(f"category = '{filter.category}'")
    return " AND ".join(parts)


def _words(query: str) -> str:
    """Its query string is a language; a shopper's words are not."""
    return "".join(letter if letter.isalnum() else " " for letter in query).strip() or "none"
