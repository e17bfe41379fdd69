"""qdrant-edge: HNSW over 8-bit codes, BM25 sparse vectors, payload indexes, its own fusion by reciprocal ranks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import qdrant_edge as qdrant

from bench.corpus import Corpus
from bench.system import CANDIDATES, FACET_VALUES, Answer, Filter, Vector

BATCH = 1_000
AVERAGE_WORDS = 12.0
INDEXES = {
    "price": qdrant.PayloadSchemaType.Float,
    "stock": qdrant.PayloadSchemaType.Integer,
    "category": qdrant.PayloadSchemaType.Keyword,
    "brand": qdrant.PayloadSchemaType.Keyword,
    "colour": qdrant.PayloadSchemaType.Keyword,
    "rating": qdrant.PayloadSchemaType.Float,
    "stars": qdrant.PayloadSchemaType.Integer,
}


class QdrantEdge:
    counts_facets = True
    efforts = (100, 128, 160, 200, 256, 320, 400, 512, 768)

    def build(self, corpus: Corpus, folder: Path) -> None:
        shard = qdrant.EdgeShard.create(str(folder), _config(corpus.vectors.shape[1]))
        for field, kind in INDEXES.items():
            shard.update(qdrant.UpdateOperation.create_field_index(field, kind))
        shard.update(
            qdrant.UpdateOperation.create_field_index(
                "title", qdrant.TextIndexParams(tokenizer=qdrant.TokenizerType.Word, lowercase=True, stemmer=_stemmer())
            )
        )
        words = _bm25()
        for start in range(0, len(corpus), BATCH):
            rows = range(start, min(start + BATCH, len(corpus)))
            shard.update(qdrant.UpdateOperation.upsert_points([_point(corpus, row, words) for row in rows]))
        shard.optimize()
        shard.flush()
        shard.close()

    def open(self, folder: Path) -> None:
        self._shard = qdrant.EdgeShard.load(str(folder))
        self._words = _bm25()
        self._fusion = qdrant.Fusion.Rrf(k=60)

    def exert(self, effort: int) -> None:
        exact_in_the_end = qdrant.QuantizationSearchParams(rescore=True, oversampling=1.0)
        self._params = qdrant.SearchParams(hnsw_ef=effort, quantization=exact_in_the_end)
        # Without ACORN a filter that keeps a third costs it a tenth of its recall, whatever the effort.
        acorn = qdrant.AcornSearchParams(enable=True, max_selectivity=1.0)
        self._filtered = qdrant.SearchParams(hnsw_ef=effort, quantization=exact_in_the_end, acorn=acorn)

    def search(self, query: str, vector: Vector, k: int, filter: Filter | None, facets: Sequence[str]) -> Answer:
        narrowed = qdrant.Filter(must=_conditions(filter)) if filter else None
        params = self._filtered if filter else self._params
        dense = qdrant.Query.Nearest(vector.tolist(), using="dense")
        sparse = qdrant.Query.Nearest(self._words.embed_query(query), using="words")
        request = qdrant.QueryRequest(
            limit=k,
            query=self._fusion,
            prefetches=[
                qdrant.Prefetch(limit=CANDIDATES, query=dense, params=params, filter=narrowed),
                qdrant.Prefetch(limit=CANDIDATES, query=sparse, filter=narrowed),
            ],
            with_payload=False,
        )
        ids = [point.id for point in self._shard.query(request)]
        return Answer(ids, {field: self._count(field, query, filter) for field in facets})

    def nearest(self, vector: Vector, k: int, filter: Filter | None) -> Sequence[int]:
        narrowed = qdrant.Filter(must=_conditions(filter)) if filter else None
        params = self._filtered if filter else self._params
        dense = qdrant.Query.Nearest(vector.tolist(), using="dense")
        request = qdrant.QueryRequest(limit=CANDIDATES, query=dense, params=params, filter=narrowed)
        return [point.id for point in self._shard.query(request)][:k]

    def close(self) -> None:
        self._shard.close()

    def _count(self, field: str, query: str, filter: Filter | None) -> dict[str, int]:
        words = qdrant.FieldCondition(key="title", match=qdrant.MatchTextAny(text_any=query))
        matching = qdrant.Filter(must=[*_conditions(filter), words])
        request = qdrant.FacetRequest(key=field, limit=FACET_VALUES, exact=True, filter=matching)
        return {str(hit.value): hit.count for hit in self._shard.facet(request).hits}


def _config(dimensions: int) -> qdrant.EdgeConfig:
    codes = qdrant.ScalarQuantizationConfig(type=qdrant.ScalarType.Int8, quantile=0.99, always_ram=True)
    dense = qdrant.EdgeVectorParams(size=dimensions, distance=qdrant.Distance.Dot, quantization_config=codes)
    return qdrant.EdgeConfig(
        vectors={"dense": dense},
        sparse_vectors={"words": qdrant.EdgeSparseVectorParams(modifier=qdrant.Modifier.Idf)},
        hnsw_config=qdrant.HnswIndexConfig(m=16, ef_construct=128, full_scan_threshold=10_000),
    )


def _bm25() -> qdrant.Bm25:
    return qdrant.Bm25(qdrant.Bm25Config(language="english", avg_len=AVERAGE_WORDS))


def _stemmer() -> qdrant.SnowballParams:
    return qdrant.SnowballParams(qdrant.SnowballLanguage.English)


def _point(corpus: Corpus, row: int, words: qdrant.Bm25) -> qdrant.Point:
    payload = corpus.row(row)
    payload["stars"] = int(corpus.rating[row])
    vectors = {"dense": corpus.vectors[row].tolist(), "words": words.embed_document(corpus.titles[row])}
    return qdrant.Point(row, vectors, payload)


def _conditions(filter: Filter | None) -> list[qdrant.FieldCondition]:
    conditions = []
    if filter and filter.price:
        low, high = filter.price
        conditions.append(qdrant.FieldCondition(key="price", range=qdrant.RangeFloat(gte=low, lte=high)))
    if filter and filter.category:
        conditions.append(qdrant.FieldCondition(key="category", match=qdrant.MatchValue(value=filter.category)))
    return conditions
