"""A whole shop with its encoder: `python -m bench.end_to_end`.

Ingest: a feed into a new shop, against the bare encoding of the same texts. Search: queries that nobody asked before,
against the bare encoder, in turn, so that both meet the same minute.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil

from bench.corpus import Corpus, make, read_corpus, read_queries
from bench.report import replace_between
from bench.run import ROOT, TITLES, WORK
from bench.titles import read_titles
from openaisle import Product, SearchRequest, Shop
from openaisle.indexing.texts import encoded_text
from openaisle.models.open import open_encoder
from openaisle.models.protocol import Encoder, EncoderIdentity, Vectors
from openaisle.standing import Standing, indexer_of

WARM_UP = 20
INGESTED = 4_000
ROUNDS = 3
_SHARES = {"p50": 0.5, "p95": 0.95}


class Remembered:
    """The starter, but for products whose vectors the corpus has already: encoding them all would take hours."""

    def __init__(self, encoder: Encoder, known: dict[str, int], vectors: Vectors) -> None:
        self._encoder = encoder
        self._known = known
        self._vectors = vectors

    @property
    def identity(self) -> EncoderIdentity:
        return self._encoder.identity

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_queries(texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        return self._vectors[[self._known[text] for text in texts]]


def main() -> None:
    options = _options()
    if options.step:
        result = STEPS[options.step](options.work / str(options.size), options.work)
        (options.work / f"{options.step}.json").write_text(json.dumps(result), "utf-8")
        return
    folder = options.work / str(options.size)
    if not (folder / "vectors.npy").exists():
        make(options.size, read_titles(TITLES, options.work), folder)
    content = {"size": options.size, **{step: _in_own_process(step, options) for step in STEPS}}
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "end-to-end.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    replace_between(ROOT / "docs" / "performance.md", "bench:end-to-end", describe(content))


def ingest(folder: Path, work: Path) -> dict[str, float]:
    """Seconds for the feed and for the bare encoding, the median of some rounds in turn."""
    corpus = read_corpus(folder)
    products = [product(corpus, row) for row in range(min(INGESTED, len(corpus)))]
    whole, bare = [], []
    for _ in range(ROUNDS):
        shutil.rmtree(work / "ingest", ignore_errors=True)
        with Shop.create(work / "ingest") as shop:
            texts = [encoded_text(one, shop.settings.encoder.fields) for one in products]
            encoder, feed = _starter(), _feed(products, work / "feed.jsonl")
            encoder.encode_documents(texts[:64])
            bare.append(_seconds(encoder.encode_documents, texts))
            whole.append(_seconds(shop.ingest, feed))
    return {"products": len(products), "whole": median(whole), "encoding": median(bare)}


def build(folder: Path, work: Path) -> dict[str, float]:
    """The whole corpus as a shop, with the vectors it has."""
    corpus = read_corpus(folder)
    shutil.rmtree(folder / "shop", ignore_errors=True)
    with Shop.create(folder / "shop") as shop:
        fields = shop.settings.encoder.fields
        known = {encoded_text(product(corpus, row), fields): row for row in range(len(corpus))}
        encoder = Remembered(_starter(), known, corpus.vectors)
        standing = Standing.of(shop.folder, shop.settings, shop.catalog, shop.engine)
        indexer = indexer_of(shop.settings, encoder, shop.catalog, shop.engine)
        shop.adopt(replace(standing, encoder=encoder, indexer=indexer))
        return {"seconds": _seconds(shop.upsert, (product(corpus, row) for row in range(len(corpus))))}


def search(folder: Path, work: Path) -> dict[str, float]:
    """Milliseconds: a new query whole, the bare encoding of another, the first again; and what the process holds."""
    queries = read_queries(folder).texts
    with Shop.open(folder / "shop") as shop:
        if shop.encoder is None:
            raise SystemExit("The end-to-end bench needs the starter encoder.")
        times: dict[str, list[float]] = {"encoding": [], "new": [], "again": []}
        for other, query in zip(queries[::2], queries[1::2], strict=False):
            request = SearchRequest(query)
            times["encoding"].append(_seconds(shop.encoder.encode_queries, [other]))
            times["new"].append(_seconds(shop.search, request))
            times["again"].append(_seconds(shop.search, request))
        resident = psutil.Process().memory_info().rss
    settled = {name: taken[WARM_UP:] for name, taken in times.items()}
    figures = {
        f"{name}_{label}": float(np.quantile(taken, share)) * 1e3
        for name, taken in settled.items()
        for label, share in _SHARES.items()
    }
    return {**figures, "resident": resident / 1e6}


STEPS = {"ingest": ingest, "build": build, "search": search}


def describe(content: dict[str, Any]) -> str:
    searched, fed = content["search"], content["ingest"]
    rows = {
        "bare encoder, one query": "encoding",
        "search, a query never asked before": "new",
        "search, the same query again": "again",
    }
    lines = [
        f"A shop of {content['size']:,} products, everything included: typo tolerance, fusion, variants, highlights,",
        "loading the products from the store.",
        "",
        "| | p50 ms | p95 ms | p50 against the bare encoder |",
        "| --- | ---: | ---: | ---: |",
    ]
    for label, name in rows.items():
        p50, p95 = searched[f"{name}_p50"], searched[f"{name}_p95"]
        lines.append(f"| {label} | {p50:.2f} | {p95:.2f} | {p50 / searched['encoding_p50']:.2f} |")
    ratio = fed["whole"] / fed["encoding"]
    return "\n".join(
        [
            *lines,
            "",
            f"Ingesting {fed['products']:,} products took {fed['whole']:.1f} s, the bare encoding of the same texts",
            f"{fed['encoding']:.1f} s: {ratio:.2f} times. The searching process held {searched['resident']:.0f} MB.",
        ]
    )


def product(corpus: Corpus, row: int) -> Product:
    """A product of the corpus as a shop would state it."""
    return Product(
        id=str(row),
        title={"": corpus.titles[row]},
        brand=corpus.brand[row],
        category=(corpus.category[row],),
        price=round(float(corpus.price[row]), 2),
        stock=int(corpus.stock[row]),
        rating=float(corpus.rating[row]),
        attributes={"colour": corpus.colour[row]},
    )


def _feed(products: Sequence[Product], path: Path) -> Path:
    path.write_text("".join(_lines(products)), "utf-8")
    return path


def _lines(products: Sequence[Product]) -> Iterator[str]:
    for one in products:
        row = {
            "id": one.id,
            "title": one.title[""],
            "brand": one.brand,
            "category": " > ".join(one.category),
            "price": one.price,
            "stock": one.stock,
            "rating": one.rating,
            **one.attributes,
        }
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _starter() -> Encoder:
    encoder = open_encoder("starter")
    if encoder is None:
        raise SystemExit("The end-to-end bench needs the starter encoder.")
    return encoder


def _seconds(work: Callable[[Any], object], about: object) -> float:
    begin = time.perf_counter()
    work(about)
    return time.perf_counter() - begin


def _in_own_process(step: str, options: argparse.Namespace) -> dict[str, float]:
    """So that what one step holds does not count to the next."""
    print(f"end to end: {step}", flush=True)
    command = [sys.executable, "-m", "bench.end_to_end", "--step", step, "--size", str(options.size)]
    subprocess.run([*command, "--work", str(options.work)], cwd=ROOT, check=True)
    return json.loads((options.work / f"{step}.json").read_text("utf-8"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.end_to_end", description=__doc__)
    parser.add_argument("--size", type=int, default=200_000, help="products in the shop that is searched")
    parser.add_argument("--work", type=Path, default=WORK, help="where products and shops are kept")
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
