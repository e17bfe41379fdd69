"""Read search sets with judgments, and score rankings; an unjudged product counts as irrelevant."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Gains = dict[str, dict[str, float]]
"""Per query the judged products' ids with their gain."""


@dataclass(frozen=True, slots=True)
class Corpus:
    ids: tuple[str, ...]
    titles: tuple[str, ...]


def read_corpus(folder: Path) -> Corpus:
    with gzip.open(folder / "products.jsonl.gz", "rt", encoding="utf-8") as file:
        products = [json.loads(line) for line in file]
    return Corpus(tuple(product["id"] for product in products), tuple(product["title"] for product in products))


def read_gains(path: Path) -> Gains:
    gains: Gains = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            gains[line["query"]][line["product_id"]] = float(line["gain"])
    return dict(gains)


def sample(corpus: Corpus, gains: Gains, queries: int, others: int) -> tuple[Corpus, Gains]:
    """The first queries of a seeded shuffle, searching what is judged for any of them and `others` products more."""
    random, names = np.random.default_rng(6), list(gains)
    chosen = {names[i]: gains[names[i]] for i in sorted(random.permutation(len(names))[:queries])}
    judged = {product for products in chosen.values() for product in products}
    rest = [row for row, product in enumerate(corpus.ids) if product not in judged]
    more = {rest[i] for i in random.permutation(len(rest))[:others]}
    rows = [row for row, product in enumerate(corpus.ids) if product in judged or row in more]
    return Corpus(tuple(corpus.ids[row] for row in rows), tuple(corpus.titles[row] for row in rows)), chosen


def ndcg(corpus: Corpus, gains: Gains, scores: NDArray[np.float32], depth: int = 10) -> float:
    """Mean nDCG at `depth` over queries that have a relevant product (gain = grade); scores: (queries, products)."""
    discount = 1 / np.log2(np.arange(2, depth + 2))
    values = []
    for row, judged in zip(scores, gains.values(), strict=True):
        ideal = sorted(judged.values(), reverse=True)[:depth]
        if any(ideal):
            found = [judged.get(product, 0.0) for product in _top(corpus, row, depth)]
            values.append(np.dot(found, discount[: len(found)]) / np.dot(ideal, discount[: len(ideal)]))
    return float(np.mean(values))


def reciprocal_rank(corpus: Corpus, gains: Gains, scores: NDArray[np.float32], depth: int = 10) -> float:
    """Mean of one over the rank of the first relevant product within `depth`, else 0."""
    values = []
    for row, judged in zip(scores, gains.values(), strict=True):
        if any(judged.values()):
            ranks = [rank for rank, product in enumerate(_top(corpus, row, depth), 1) if judged.get(product, 0) > 0]
            values.append(1 / ranks[0] if ranks else 0.0)
    return float(np.mean(values))


def _top(corpus: Corpus, scores: NDArray[np.float32], depth: int) -> list[str]:
    """Best first; equal scores by row, so that a ranking is the same every time."""
    return [corpus.ids[row] for row in np.argsort(-scores, kind="stable")[:depth]]
