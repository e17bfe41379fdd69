"""A plain BM25 and a plain fusion, to choose the encoder's settings by what they do inside a hybrid search too."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import rjieba
import Stemmer
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

_WORDS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
_STEMMER = Stemmer.Stemmer("english")
_K1, _B = 1.2, 0.75
_DEPTH = 200


def bm25(titles: Sequence[str], queries: Sequence[str]) -> NDArray[np.float32]:
    """Okapi BM25 (Robertson and Walker, 1994), k1 1.2, b .75: (queries, titles)."""
    documents = [Counter(_terms(title)) for title in titles]
    columns = {term: i for i, term in enumerate(sorted({term for document in documents for term in document}))}
    lengths = np.array([document.total() for document in documents], np.float64)
    rows = np.repeat(np.arange(len(documents)), [len(document) for document in documents])
    terms = np.array([columns[term] for document in documents for term in document])
    counts = np.array([count for document in documents for count in document.values()], np.float64)
    frequency = np.bincount(terms, minlength=len(columns))
    rarity = np.log1p((len(titles) - frequency + 0.5) / (frequency + 0.5))
    norm = _K1 * (1 - _B + _B * lengths / lengths.mean())
    weights = rarity[terms] * counts * (_K1 + 1) / (counts + norm[rows])
    matrix = csr_matrix((weights, (rows, terms)), shape=(len(titles), len(columns)))
    asked = [[columns[term] for term in _terms(query) if term in columns] for query in queries]
    return np.array([np.asarray(matrix[:, found].sum(axis=1)).ravel() for found in asked], np.float32)


def fused(lexical: NDArray[np.float32], dense: NDArray[np.float32]) -> NDArray[np.float32]:
    """Half BM25 over its best, half cosine between its 200th and its best, per query."""
    best = np.maximum(lexical.max(axis=1, keepdims=True), 1e-9)
    top = dense.max(axis=1, keepdims=True)
    low = np.partition(dense, -_DEPTH, axis=1)[:, -_DEPTH][:, None]
    result: NDArray[np.float32] = 0.5 * lexical / best + 0.5 * np.maximum(dense - low, 0) / (top - low)
    return result


def _terms(text: str) -> list[str]:
    result: list[str] = []
    for run in _WORDS.findall(text.lower()):
        if run.isascii():
            result.append(_STEMMER.stemWord(run))
        else:
            words = [word for word in rjieba.cut(run) if len(word) > 2]
            result += [*words, *run, *(run[i : i + 2] for i in range(len(run) - 1))]
    return result
