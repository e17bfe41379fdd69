"""Measure the starter against the untrimmed float32 model: python recipes/starter/parity.py SEARCH_SETS WORK.

SEARCH_SETS holds a folder per set with products.jsonl.gz and judgments*.tsv.gz. WORK keeps both models and all vectors,
so that a second run takes seconds. Ranks by cosine alone, titles only, `query: ` before queries and products.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import build
import centring
import judgments
import numpy as np
import tokens_changed
import yardstick
from numpy.typing import NDArray
from running import Runner

PREFIX = "query: "
Metric = Callable[[judgments.Corpus, judgments.Gains, NDArray[np.float32]], float]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a set is measured; large corpora are thinned to what is judged for `queries` queries and `others` more."""

    place: str
    languages: tuple[str, ...]
    metric: Metric
    queries: int
    others: int


PLANS = (
    Plan("crowdflower", ("", ".zh"), judgments.ndcg, 10**6, 10**6),
    Plan("multicpr_zh", ("", ".en"), judgments.reciprocal_rank, 10**6, 3000),
    Plan("homedepot", ("",), judgments.ndcg, 1000, 0),
)


class Encoder:
    """Uncentred vectors of one of the two models, kept in `work`, and the same centred."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.name = folder.name
        self.runner = Runner(folder / "model.onnx", folder / "tokenizer.json")
        self._work = work
        tokenizer = self.runner.tokenizer
        self._scripts = centring.scripts([str(tokenizer.id_to_token(i)) for i in range(tokenizer.get_vocab_size())])

    def plain(self, name: str, texts: Sequence[str]) -> NDArray[np.float32]:
        path = self._work / f"{self.name}.{name}.npy"
        if not path.exists():
            np.save(path, self.runner.vectors(PREFIX, texts))
        vectors: NDArray[np.float32] = np.load(path)
        return vectors

    def centred(self, name: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return centring.apply(centring.read(), self.plain(name, texts), self.counts(texts))

    def counts(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Han and Latin pieces of each text: (texts, 2)."""
        encodings = self.runner.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return np.array([self._scripts[encoding.ids].sum(axis=0) for encoding in encodings], np.int64)


def main(sets: Path, work: Path) -> None:
    if not (work / "float").exists():
        yardstick.write(work / "float")
    build.write_uncentred(work / "starter")
    encoders = [Encoder(work / name, work) for name in ("float", "starter")]
    print("set | products | float | 4-bit | float, centred | 4-bit, centred = shipped | tokens changed")
    for plan in PLANS:
        for line in _measured(plan, sets / plan.place, encoders):
            print(line, flush=True)


def _measured(plan: Plan, folder: Path, encoders: Sequence[Encoder]) -> list[str]:
    main_gains = judgments.read_gains(folder / "judgments.tsv.gz")
    corpus, gains = judgments.sample(judgments.read_corpus(folder), main_gains, plan.queries, plan.others)
    lines = []
    for language in plan.languages:
        asked = judgments.read_gains(folder / f"judgments{language}.tsv.gz") if language else gains
        name, queries = plan.place + language, list(asked)
        values = [
            plan.metric(corpus, asked, vectors(f"{name}.queries", queries) @ vectors(plan.place, corpus.titles).T)
            for vectors in (*(encoder.plain for encoder in encoders), *(encoder.centred for encoder in encoders))
        ]
        full, trimmed = (encoder.runner.tokenizer for encoder in encoders)
        changed = tokens_changed.changed_share(full, trimmed, [*queries, *corpus.titles])
        figures = " | ".join(f"{value:.4f}" for value in values)
        lines.append(f"{name} | {len(corpus.ids):,} | {figures} | {changed:.4%}")
    return lines


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
