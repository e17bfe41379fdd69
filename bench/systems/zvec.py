"""zvec: HNSW over 8-bit codes, its own full-text index, inverted indexes.

Its two searches are fused here: through the interface for internal numbers that is a fifth faster than its own fusion
by reciprocal ranks (`RrfReRanker`), and finds the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import zvec
from numpy.typing import NDArray

from bench.corpus import Corpus
from bench.fusion import reciprocal_rank_fusion
from bench.system import CANDIDATES, Answer, Filter, Vector

BATCH = 1_000


class Zvec:
    counts_facets = False
    efforts = (100, 128, 160, 200, 256, 320, 400, 512, 768)

    def __init__(self) -> None:
        zvec.init(log_level=zvec.LogLevel.ERROR)

    def build(self, corpus: Corpus, folder: Path) -> None:
        collection = zvec.create_and_open(str(folder / "products"), _schema(corpus.vectors.shape[1]))
        for start in range(0, len(corpus), BATCH):
            rows = range(start, min(start + BATCH, len(corpus)))
            for status in collection.insert([_document(corpus, row) for row in rows]):
                if not status.ok():
                    raise RuntimeError(str(status))
        collection.optimize()
        collection.flush()
        collection.close()

    def open(self, folder: Path) -> None:
        option = zvec.CollectionOption(read_only=True, enable_mmap=True)
        self._collection = zvec.open(str(folder / "products"), option)

    def exert(self, effort: int) -> None:
        self._param = zvec.HnswQueryParam(ef=effort)

    def search(self, query: str, vector: Vector, k: int, filter: Filter | None, facets: Sequence[str]) -> Answer:
        where = _where(filter)
        dense = self._rows(zvec.Query("vector", vector=vector, param=self._param), where)
        lexical = self._rows(zvec.Query("title", fts=zvec.Fts(match_string=query)), where)
        return Answer(self._products(reciprocal_rank_fusion(lexical, dense, k)))

    def nearest(self, vector: Vector, k: int, filter: Filter | None) -> Sequence[int]:
        rows = self._rows(zvec.Query("vector", vector=vector, param=self._param), _where(filter))
        return self._products(rows[:k].tolist())

    def _rows(self, query: zvec.Query, where: str | None) -> NDArray[np.int64]:
        """Its fastest way: internal numbers as an array, for a collection that is only read."""
        found = self._collection.query_internal_ids(query, topk=CANDIDATES, filter=where)
        return found[found >= 0]

    def _products(self, rows: list[int]) -> list[int]:
        return [int(id) for id in self._collection.resolve_internal_ids(rows)]

    def close(self) -> None:
        self._collection.close()


def _schema(dimensions: int) -> zvec.CollectionSchema:
    text = zvec.FtsIndexParam(tokenizer_name="standard", filters=["lowercase", "stemmer"])
    ranges = zvec.InvertIndexParam(enable_range_optimization=True)
    codes = zvec.HnswIndexParam(
        metric_type=zvec.MetricType.IP, m=32, ef_construction=200, quantize_type=zvec.QuantizeType.INT8
    )
    return zvec.CollectionSchema(
        "products",
        fields=[
            zvec.FieldSchema("title", zvec.DataType.STRING, index_param=text),
            zvec.FieldSchema("brand", zvec.DataType.STRING),
            zvec.FieldSchema("category", zvec.DataType.STRING, index_param=zvec.InvertIndexParam()),
            zvec.FieldSchema("colour", zvec.DataType.STRING),
            zvec.FieldSchema("price", zvec.DataType.FLOAT, index_param=ranges),
            zvec.FieldSchema("stock", zvec.DataType.INT32),
            zvec.FieldSchema("rating", zvec.DataType.FLOAT),
        ],
        vectors=[zvec.VectorSchema("vector", zvec.DataType.VECTOR_FP32, dimensions, index_param=codes)],
    )


def _document(corpus: Corpus, row: int) -> zvec.Doc:
    fields = corpus.row(row)
    return zvec.Doc(id=str(fields.pop("id")), vectors={"vector": corpus.vectors[row]}, fields=fields)


def _where(filter: Filter | None) -> str | None:
    parts = []
    if filter and filter.price:
        parts.append(f"price >= {filter.price[0]} AND price <= {filter.price[1]}")
    if filter and filter.category:
        parts.append(f"category = '{filter.category}'")
    return " AND ".join(parts) or None
