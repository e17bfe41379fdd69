"""Compare prefixes for products and centring, by cosine and in a plain hybrid: choices.py SEARCH_SETS WORK.

Uses the uncentred starter that parity.py leaves in WORK, and its cached vectors. Queries always carry `query: `; each
product prefix is centred on the means of its own kind.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import centring
import hybrid
import judgments
import numpy as np
from numpy.typing import NDArray
from parity import PLANS, PREFIX, Encoder, Plan


def main(sets: Path, work: Path) -> None:
    encoder = Encoder(work / "starter", work)
    print("set | product prefix | centred | BM25 | dense | hybrid")
    for plan in PLANS[:2]:
        for line in _compared(plan, sets / plan.place, encoder, work):
            print(line, flush=True)


def _compared(plan: Plan, folder: Path, encoder: Encoder, work: Path) -> list[str]:
    main_gains = judgments.read_gains(folder / "judgments.tsv.gz")
    corpus, gains = judgments.sample(judgments.read_corpus(folder), main_gains, plan.queries, plan.others)
    lines = []
    for language in plan.languages:
        asked = judgments.read_gains(folder / f"judgments{language}.tsv.gz") if language else gains
        name, queries = plan.place + language, list(asked)
        words = hybrid.bm25(corpus.titles, queries)
        for prefix in (PREFIX, "passage: "):
            products = _prefixed(encoder, work, plan.place, corpus.titles, prefix)
            pairs = {
                "no": (encoder.plain(f"{name}.queries", queries), products),
                "yes": (
                    encoder.centred(f"{name}.queries", queries),
                    centring.apply(_centres(encoder, prefix), products, encoder.counts(corpus.titles)),
                ),
            }
            for centred, (asking, found) in pairs.items():
                dense = asking @ found.T
                values = (words, dense, hybrid.fused(words, dense))
                figures = " | ".join(f"{plan.metric(corpus, asked, scores):.4f}" for scores in values)
                lines.append(f"{name} | {prefix} | {centred} | {figures}")
    return lines


def _prefixed(encoder: Encoder, work: Path, place: str, titles: Sequence[str], prefix: str) -> NDArray[np.float32]:
    if prefix == PREFIX:
        return encoder.plain(place, titles)
    path = work / f"passages.{place}.npy"
    if not path.exists():
        np.save(path, encoder.runner.vectors(prefix, titles))
    vectors: NDArray[np.float32] = np.load(path)
    return vectors


def _centres(encoder: Encoder, prefix: str) -> centring.Centres:
    names = centring.parallel_names()
    means = {language: encoder.runner.vectors(prefix, texts).mean(axis=0) for language, texts in names.items()}
    return centring.Centres(means["en"], means["zh"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
