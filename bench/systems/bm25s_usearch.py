"""bm25s (numba) and a USearch HNSW graph, glued: NumPy columns for filters, reciprocal ranks for fusion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray
from usearch.index import Index

from bench.columns import Columns
from bench.corpus import Corpus
from bench.fusion import reciprocal_rank_fusion
from bench.system import CANDIDATES, Answer, Filter, Vector

EXPANSION_ADD, CONNECTIVITY = 128, 16
SCAN = 5_000
"""So many survivors of a filter, or fewer, are scored one by one; above, the graph is asked for more and sifted."""
SPARE = 1.5
"""How many more than expected the graph is asked for under a filter."""


class Bm25sUsearch:
    counts_facets = True
    efforts = (100, 128, 160, 200, 256, 320, 400, 512, 768)

    def build(self, corpus: Corpus, folder: Path) -> None:
        tokens = bm25s.tokenize(corpus.titles, stemmer=Stemmer.Stemmer("english"), show_progress=False)
        words = bm25s.BM25(backend="numba")
        words.index(tokens, show_progress=False)
        words.save(str(folder / "words"))
        graph = Index(
            ndim=corpus.vectors.shape[1],
            metric="ip",
            dtype="f16",
            connectivity=CONNECTIVITY,
            expansion_add=EXPANSION_ADD,
        )
        graph.add(np.arange(len(corpus)), np.asarray(corpus.vectors))
        graph.save(str(folder / "graph.usearch"))
        np.save(folder / "vectors.npy", corpus.vectors)
        Columns.of(corpus).save(folder / "columns.npz")

    def open(self, folder: Path) -> None:
        self._words = bm25s.BM25.load(str(folder / "words"), mmap=True)
        self._words.backend = "numba"
        self._words.activate_numba_scorer()
        self._stemmer = Stemmer.Stemmer("english")
        self._graph = Index.restore(str(folder / "graph.usearch"), view=False)
        self._vectors = np.load(folder / "vectors.npy", mmap_mode="r")
        self._columns = Columns.load(folder / "columns.npz")

    def exert(self, effort: int) -> None:
        self._graph.expansion_search = effort

    def search(self, query: str, vector: Vector, k: int, filter: Filter | None, facets: Sequence[str]) -> Answer:
        mask = self._columns.mask(filter) if filter else None
        (tokens,) = bm25s.tokenize([query], stemmer=self._stemmer, show_progress=False, return_ids=False)
        lexical = self._lexical(tokens, mask) if tokens else np.empty(0, np.int64)
        dense = self._dense(vector, mask)
        return Answer(reciprocal_rank_fusion(lexical, dense, k), self._count(facets, tokens, mask))

    def nearest(self, vector: Vector, k: int, filter: Filter | None) -> Sequence[int]:
        mask = self._columns.mask(filter) if filter else None
        return self._dense(vector, mask)[:k].tolist()

    def close(self) -> None:
        del self._words, self._graph

    def _lexical(self, tokens: list[str], mask: NDArray[np.bool_] | None) -> NDArray[np.integer]:
        weights = None if mask is None else mask.astype(np.float32)
        rows, scores = self._words.retrieve(
            [tokens], k=CANDIDATES, show_progress=False, n_threads=1, weight_mask=weights, backend_selection="numba"
        )
        return rows[0][scores[0] > 0]

    def _dense(self, vector: Vector, mask: NDArray[np.bool_] | None) -> NDArray[np.integer]:
        if mask is None:
            return self._graph.search(vector, CANDIDATES).keys.astype(np.int64)
        survivors = np.flatnonzero(mask)
        if len(survivors) <= SCAN:
            scores = self._vectors[survivors] @ vector
            return survivors[_best(scores, CANDIDATES)]
        wanted = int(CANDIDATES * len(mask) / len(survivors) * SPARE)
        near = self._graph.search(vector, wanted).keys.astype(np.int64)
        return near[mask[near]][:CANDIDATES]

    def _count(
        self, facets: Sequence[str], tokens: list[str], mask: NDArray[np.bool_] | None
    ) -> dict[str, dict[str, int]]:
        if not facets or not tokens:
            return {}
        matching = self._words.get_scores(tokens) > 0
        rows = np.flatnonzero(matching if mask is None else matching & mask)
        return {name: self._columns.count(name, rows) for name in facets}


def _best(scores: NDArray[np.float32], count: int) -> NDArray[np.integer]:
    top = np.argpartition(-scores, count)[:count] if len(scores) > count else np.arange(len(scores))
    return top[np.argsort(-scores[top])]
