"""The exact nearest products, by scanning them all: what recall is measured against."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.corpus import Corpus, Queries

NEAREST = 10
CHECKED = 200
"""Queries whose recall is measured."""
_CHUNK = 100_000
_AT_ONCE = 50
"""Queries scored against all products at a time."""


def write_exact(corpus: Corpus, queries: Queries, folder: Path) -> None:
    """The ten nearest for each checked query: among all, within its price, within its category."""
    category, price = np.array(corpus.category), corpus.price
    found: dict[str, list[list[int]]] = {"plain": [], "price": [], "category": []}
    count = min(CHECKED, len(queries.texts))
    for start in range(0, count, _AT_ONCE):
        checked = range(start, min(start + _AT_ONCE, count))
        for number, own in zip(checked, _scores(corpus, queries.vectors[checked.start : checked.stop]), strict=True):
            low, high = np.float32(queries.prices[number])
            found["plain"].append(_best(own))
            found["price"].append(_best(np.where((price >= low) & (price <= high), own, -np.inf)))
            found["category"].append(_best(np.where(category == queries.categories[number], own, -np.inf)))
    for name, best in found.items():
        (folder / f"exact-{name}.json").write_text(json.dumps(best), "utf-8")


def read_exact(folder: Path, name: str) -> list[list[int]]:
    return json.loads((folder / f"exact-{name}.json").read_text("utf-8"))


def _scores(corpus: Corpus, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    chunks = [vectors @ corpus.vectors[start : start + _CHUNK].T for start in range(0, len(corpus), _CHUNK)]
    return np.concatenate(chunks, axis=1)


def _best(scores: NDArray[np.float32]) -> list[int]:
    top = np.argpartition(-scores, NEAREST)[:NEAREST]
    top = top[np.isfinite(scores[top])]
    return top[np.argsort(-scores[top])].tolist()
