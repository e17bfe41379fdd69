"""SQLite alone: FTS5 for words, sqlite-vec (an exact scan over 8-bit codes) for meaning, SQL for filters and facets."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw
import numpy as np
import sqlite_vec

from bench.corpus import Corpus
from bench.fusion import reciprocal_rank_fusion
from bench.system import CANDIDATES, FACET_VALUES, Answer, Filter, Vector

_TABLES = """
CREATE TABLE products (id INTEGER PRIMARY KEY, title TEXT, brand TEXT, category TEXT, colour TEXT,
                       price REAL, stock INTEGER, rating REAL, stars INTEGER);
CREATE INDEX by_price ON products (price);
CREATE INDEX by_category ON products (category);
CREATE VIRTUAL TABLE words USING fts5 (title, content='products', content_rowid='id', tokenize='porter unicode61',
                                       detail='column');
CREATE TABLE scale (largest REAL);
"""
_VECTORS = """
CREATE VIRTUAL TABLE near USING vec0 (id INTEGER PRIMARY KEY, vector int8[{dimensions}] distance_metric=cosine,
                                      price FLOAT, category TEXT);
"""
_PRODUCT = "INSERT INTO products VALUES (:id, :title, :brand, :category, :colour, :price, :stock, :rating, :stars)"
_LEXICAL = "SELECT rowid FROM words WHERE words MATCH ? {where} ORDER BY rank LIMIT {limit}"
_DENSE = "SELECT id FROM near WHERE vector MATCH vec_int8(?) AND k = {limit} {where} ORDER BY distance"
_FACET = """
SELECT {field}, count(*) FROM products WHERE id IN (SELECT rowid FROM words WHERE words MATCH ?) {where}
GROUP BY 1 ORDER BY 2 DESC LIMIT {limit}
"""


class SqliteFtsVec:
    counts_facets = True
    efforts = (0,)

    def build(self, corpus: Corpus, folder: Path) -> None:
        connection = _connect(folder)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(_TABLES + _VECTORS.format(dimensions=corpus.vectors.shape[1]))
        largest = float(np.abs(corpus.vectors).max())
        connection.execute("INSERT INTO scale VALUES (?)", (largest,))
        with connection:
            connection.executemany(
                _PRODUCT,
                ({**corpus.row(row), "stars": int(corpus.rating[row])} for row in range(len(corpus))),
            )
            connection.execute("INSERT INTO words (words) VALUES ('rebuild')")
            connection.executemany("INSERT INTO near VALUES (?, vec_int8(?), ?, ?)", _coded(corpus, largest))
        connection.execute(
            "INSERT INTO words (words) VALUES ('optimize'); PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)"
        )
        connection.close()

    def open(self, folder: Path) -> None:
        self._folder = folder
        self._own = threading.local()
        self._largest = float(self._connection.execute("SELECT largest FROM scale").get)

    def exert(self, effort: int) -> None:
        """It scans exactly; there is no knob."""

    def search(self, query: str, vector: Vector, k: int, filter: Filter | None, facets: Sequence[str]) -> Answer:
        match = " OR ".join(f'"{word}"' for word in _words(query)) or '""'
        lexical = self._lexical(match, filter)
        dense = np.array(self._dense(vector, filter), np.int64)
        counts = {field: self._count(field, match, filter) for field in facets}
        return Answer(reciprocal_rank_fusion(lexical, dense, k), counts)

    def nearest(self, vector: Vector, k: int, filter: Filter | None) -> Sequence[int]:
        return self._dense(vector, filter)[:k]

    def close(self) -> None:
        self._connection.close()

    @property
    def _connection(self) -> apsw.Connection:
        """One a thread, as SQLite wants it."""
        if not hasattr(self._own, "connection"):
            self._own.connection = _connect(self._folder)
            self._own.connection.execute("PRAGMA mmap_size = 4294967296; PRAGMA cache_size = -65536")
        return self._own.connection

    def _lexical(self, match: str, filter: Filter | None) -> np.ndarray:
        where, values = _where(filter)
        inner = f"AND rowid IN (SELECT id FROM products WHERE TRUE {where})" if where else ""
        rows = self._connection.execute(_LEXICAL.format(where=inner, limit=CANDIDATES), (match, *values))
        return np.array([row for (row,) in rows], np.int64)

    def _dense(self, vector: Vector, filter: Filter | None) -> list[int]:
        where, values = _where(filter)
        sql = _DENSE.format(where=where, limit=CANDIDATES)
        return [row for (row,) in self._connection.execute(sql, (_codes(vector, self._largest), *values))]

    def _count(self, field: str, match: str, filter: Filter | None) -> dict[str, int]:
        where, values = _where(filter)
        sql = _FACET.format(field=field, where=where, limit=FACET_VALUES)
        return {str(value): count for value, count in self._connection.execute(sql, (match, *values))}


def _connect(folder: Path) -> apsw.Connection:
    connection = apsw.Connection(str(folder / "products.db"))
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.enable_load_extension(False)
    return connection


def _coded(corpus: Corpus, largest: float) -> Iterator[tuple[int, bytes, float, str]]:
    for row in range(len(corpus)):
        yield row, _codes(corpus.vectors[row], largest), float(corpus.price[row]), corpus.category[row]


def _codes(vector: Vector, largest: float) -> bytes:
    return np.rint(np.clip(vector / largest, -1, 1) * 127).astype(np.int8).tobytes()


def _words(query: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in query).split()


def _where(filter: Filter | None) -> tuple[str, list[float | str]]:
    where, values = "", []
    if filter and filter.price:
        where += " AND price >= ? AND price <= ?"
        values += filter.price
    if filter and filter.category:
        where += " AND category = ?"
        values.append(filter.category)
    return where, values
