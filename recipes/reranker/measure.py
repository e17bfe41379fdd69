"""What re-ranking the top 20 of a hybrid search is worth, at several weights, and what a pair costs.

`python -m recipes.reranker.measure tops SHOP JUDGMENTS TOPS.json` asks the shop every judged query;
`python -m recipes.reranker.measure rank MODEL TOPS.json ...` re-ranks what it found. Evaluation data is only read.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from openaisle.evaluation.judgments import read_judgments
from openaisle.evaluation.metrics import metric
from openaisle.evaluation.statistics import bootstrap
from openaisle.indexing.texts import encoded_text
from openaisle.models.reranker import OnnxReranker, relevance
from openaisle.search.request import Mode, SearchRequest
from openaisle.shop import Shop

WEIGHTS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
_METRICS = ("ndcg@10", "mrr@10")


def tops(shop: Path, judgments: Path, out: Path, top: int) -> None:
    judged, found = read_judgments(judgments), {}
    with Shop.open(shop) as opened:
        for query in judged.answerable:
            hits = opened.search(SearchRequest(query, limit=top, mode=Mode.HYBRID, group=False)).hits
            products = opened.catalog.get_many([hit.id for hit in hits])
            found[query] = {
                "ids": [hit.id for hit in hits],
                "scores": [hit.score for hit in hits],
                "texts": [encoded_text(products[hit.id], ("title",)) for hit in hits],
                "gains": dict(judged.gains[query]),
            }
    out.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def rank(model: Path, files: Sequence[Path], threads: int) -> None:
    reranker = OnnxReranker.open(model, threads=threads)
    print(f"{reranker.name}, {sum(file.stat().st_size for file in model.iterdir()) / 1e6:.1f} MB")
    for path in files:
        found = json.loads(path.read_text(encoding="utf-8"))
        started, pairs = time.process_time(), sum(len(each["ids"]) for each in found.values())
        said = {query: reranker.scores(query, each["texts"]) for query, each in found.items()}
        spent = (time.process_time() - started) * 1e3
        print(f"{path.stem}: {len(found)} queries, {pairs} pairs, {spent / pairs:.2f} ms of processor time a pair")
        for name in _METRICS:
            print(f"  {name}: {_line(name, found, said, reranker)}")


def _line(name: str, found: Mapping[str, dict], said: Mapping[str, np.ndarray], reranker: OnnxReranker) -> str:  # type: ignore[type-arg]
    calibration = reranker._manifest.calibration
    before = _values(name, found, {query: np.array(each["scores"]) for query, each in found.items()})
    parts = [f"hybrid {before.mean():.4f}"]
    for weight in (*WEIGHTS, np.inf):
        scores = {
            query: said[query] if weight == np.inf else each["scores"] + weight * relevance(said[query], calibration)
            for query, each in found.items()
        }
        change = bootstrap(_values(name, found, scores) - before)
        parts.append(f"{weight:g}: {change.mean:+.4f} [{change.low:+.4f}, {change.high:+.4f}]")
    return "; ".join(parts)


def _values(name: str, found: Mapping[str, dict], scores: Mapping[str, np.ndarray]) -> np.ndarray:  # type: ignore[type-arg]
    function = metric(name)
    orders = {query: np.argsort(-np.asarray(scores[query]), kind="stable") for query in found}
    return np.array(
        [function([each["ids"][place] for place in orders[query]], each["gains"]) for query, each in found.items()]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    asking = commands.add_parser("tops")
    asking.add_argument("shop", type=Path)
    asking.add_argument("judgments", type=Path)
    asking.add_argument("out", type=Path)
    asking.add_argument("--top", type=int, default=20)
    ranking = commands.add_parser("rank")
    ranking.add_argument("model", type=Path)
    ranking.add_argument("tops", type=Path, nargs="+")
    ranking.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if given.command == "tops":
        tops(given.shop, given.judgments, given.out, given.top)
    else:
        rank(given.model, given.tops, given.threads)


if __name__ == "__main__":
    main()
