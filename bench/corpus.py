"""Products for the bench: real titles, and products made from them by recombination.

A made product is a real title as another size, colour or pack; its vector is that title's vector with a little of
another's mixed in, so that it has near neighbours but no copies. Brands are the titles' first words; categories are
clusters of the titles' vectors; prices, stock and ratings are drawn. Everything follows from one seed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.titles import TitleSet

SEED = 20_240
CATEGORIES = 40
QUERIES = 1_000
MIXED_IN = (0.2, 0.6)
"""How much of another title's vector goes into a made product's, at least and at most."""
PRICE_SHARE = 0.33
"""Share of the products that a price filter keeps."""

COLOURS = (
    *("Black", "White", "Gray", "Silver", "Brown", "Beige", "Red", "Burgundy", "Orange", "Yellow", "Green", "Olive"),
    *("Teal", "Blue", "Navy", "Purple", "Pink", "Gold", "Bronze", "Copper", "Ivory", "Charcoal", "Walnut", "Oak"),
)
PACKS = (2, 3, 4, 5, 6, 8, 10, 12, 24)
SIZES = (
    "6 in.",
    "8 in.",
    "10 in.",
    "12 in.",
    "18 in.",
    "24 in.",
    "30 in.",
    "36 in.",
    "48 in.",
    "60 in.",
    "1 gal.",
    "5 gal.",
)
_AT_ONCE = 20_000
_PACK = re.compile(r"\s*\(\d+[- ]Pack\)")


@dataclass(frozen=True, slots=True)
class Corpus:
    """`vectors` (n, d) are unit vectors; the other columns have n entries; product number i is row i."""

    titles: Sequence[str]
    vectors: NDArray[np.float32]
    price: NDArray[np.float32]
    stock: NDArray[np.int32]
    rating: NDArray[np.float32]
    brand: Sequence[str]
    category: Sequence[str]
    colour: Sequence[str]

    def __len__(self) -> int:
        return len(self.titles)

    def row(self, number: int) -> dict[str, str | float | int]:
        """Everything but the vector, as a shop's feed would have it."""
        return {
            "id": number,
            "title": self.titles[number],
            "brand": self.brand[number],
            "category": self.category[number],
            "colour": self.colour[number],
            "price": float(self.price[number]),
            "stock": int(self.stock[number]),
            "rating": float(self.rating[number]),
        }


@dataclass(frozen=True, slots=True)
class Queries:
    """Texts with their vectors (q, d), and what each shopper narrows down to."""

    texts: Sequence[str]
    vectors: NDArray[np.float32]
    prices: Sequence[tuple[float, float]]
    categories: Sequence[str]


def make(size: int, source: TitleSet, folder: Path) -> None:
    """Write the corpus of `size` products and its queries to `folder`."""
    random = np.random.default_rng(SEED)
    base = _bases(size, len(source.titles), random)
    corpus = _corpus(base, source, random)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "vectors.npy", corpus.vectors)
    np.savez(folder / "numbers.npz", price=corpus.price, stock=corpus.stock, rating=corpus.rating)
    names = ("titles", "brand", "category", "colour")
    _write(folder / "texts.json", {name: list(getattr(corpus, name)) for name in names})
    queries = _queries(corpus, source, random)
    np.save(folder / "query-vectors.npy", queries.vectors)
    _write(folder / "queries.json", {n: list(getattr(queries, n)) for n in ("texts", "prices", "categories")})


def read_corpus(folder: Path) -> Corpus:
    numbers = np.load(folder / "numbers.npz")
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    return Corpus(vectors=vectors, **{name: numbers[name] for name in numbers.files}, **_read(folder / "texts.json"))


def read_queries(folder: Path) -> Queries:
    texts = _read(folder / "queries.json")
    prices = [(low, high) for low, high in texts["prices"]]
    return Queries(texts["texts"], np.load(folder / "query-vectors.npy"), prices, texts["categories"])


def _bases(size: int, titles: int, random: np.random.Generator) -> NDArray[np.int64]:
    """The title each product comes from: every title once, in random order, before any is used again."""
    rounds = [random.permutation(titles) for _ in range(-(-size // titles))]
    return np.concatenate(rounds)[:size]


def _corpus(base: NDArray[np.int64], source: TitleSet, random: np.random.Generator) -> Corpus:
    size, real = len(base), len(source.titles)
    colour = random.integers(len(COLOURS), size=size)
    titles = [source.titles[b] if i < real else _made(source.titles[b], colour[i], random) for i, b in enumerate(base)]
    cluster = _clusters(source.vectors, random)[base]
    return Corpus(
        titles=titles,
        vectors=_mixed(base, source.vectors, real, random),
        price=np.round(random.lognormal(3.5, 1.2, size), 2).astype(np.float32),
        stock=random.poisson(random.exponential(20, size)).astype(np.int32),
        rating=np.round(random.beta(8, 2, size) * 5, 1).astype(np.float32),
        brand=[title.split()[0] if title.split() else "None" for title in titles],
        category=[f"Department {number:02}" for number in cluster],
        colour=[COLOURS[number] for number in colour],
    )


def _made(title: str, colour: int, random: np.random.Generator) -> str:
    variants = (
        f"{title} in {COLOURS[colour]}",
        f"{_PACK.sub('', title)} ({random.choice(PACKS)}-Pack)",
        f"{random.choice(SIZES)} {title}",
    )
    return variants[random.integers(len(variants))]


def _mixed(
    base: NDArray[np.int64], vectors: NDArray[np.float32], real: int, random: np.random.Generator
) -> NDArray[np.float32]:
    mixed = vectors[base].astype(np.float32)
    for start in range(real, len(base), 50_000):
        made = slice(start, start + 50_000)
        count = len(mixed[made])
        share = random.uniform(*MIXED_IN, size=(count, 1)).astype(np.float32)
        mixed[made] += share * vectors[random.integers(len(vectors), size=count)]
    norms = np.linalg.norm(mixed, axis=1, keepdims=True)
    return np.divide(mixed, norms, out=mixed)


def _clusters(vectors: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.int64]:
    """Lloyd's algorithm, a few rounds: departments need not be perfect."""
    centres = vectors[random.choice(len(vectors), CATEGORIES, replace=False)].astype(np.float32)
    for _ in range(8):
        nearest = np.argmax(vectors @ centres.T - (centres**2).sum(1) / 2, axis=1)
        for number in np.unique(nearest):
            centres[number] = vectors[nearest == number].mean(axis=0)
    return nearest


def _queries(corpus: Corpus, source: TitleSet, random: np.random.Generator) -> Queries:
    chosen = random.choice(len(source.queries), min(QUERIES, len(source.queries)), replace=False)
    vectors = np.ascontiguousarray(source.query_vectors[chosen], np.float32)
    nearest = _nearest(corpus.vectors, vectors)
    low = random.uniform(0, 1 - PRICE_SHARE, len(chosen))
    bounds = np.quantile(corpus.price, np.stack([low, low + PRICE_SHARE], axis=1))
    return Queries(
        texts=[source.queries[number] for number in chosen],
        vectors=vectors,
        prices=[(round(float(a), 2), round(float(b), 2)) for a, b in bounds],
        categories=[corpus.category[number] for number in nearest],
    )


def _nearest(matrix: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """The row of the matrix that is nearest to each vector; a part of the matrix at a time, for all vectors at once."""
    best, row = np.full(len(vectors), -np.inf, np.float32), np.zeros(len(vectors), np.int64)
    for start in range(0, len(matrix), _AT_ONCE):
        scores = matrix[start : start + _AT_ONCE] @ vectors.T
        here = scores.argmax(axis=0)
        highest = scores[here, np.arange(len(vectors))]
        row = np.where(highest > best, start + here, row)
        best = np.maximum(best, highest)
    return row


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def _read(path: Path) -> dict[str, list]:
    return json.loads(path.read_text("utf-8"))
