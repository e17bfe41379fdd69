"""What an exported encoder finds that the starter does not, on the test split that its training never saw.

`python -m bench.learning.catalogue SHOP NAME@VERSION PRODUCTS.jsonl [--at 100]`: recall over the whole catalogue and
nDCG@10 of each judged list, both encoders as int8 graphs on ONNX Runtime, with paired intervals. Training measures the
same in float32.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaisle.evaluation.statistics import bootstrap
from openaisle.learning.comparison.retrieval import catalogue_recall
from openaisle.learning.data import read_data_set
from openaisle.learning.examples import JudgedQuery
from openaisle.learning.heads.ranking import ranked
from openaisle.models.onnx import OnnxEncoder
from openaisle.models.registry import Registry
from openaisle.models.starter import starter_folder

Values = dict[str, NDArray[np.float64]]


def measured(encoder: OnnxEncoder, judged: list[JudgedQuery], titles: dict[str, str], at: int) -> Values:
    """A value for each query of each metric."""
    texts = dict.fromkeys([*titles.values(), *(each.text for one in judged for each in one.candidates)])
    place = {text: row for row, text in enumerate(texts)}
    documents = encoder.encode_documents(list(texts))
    queries = encoder.encode_queries([one.query for one in judged])
    scores = [
        documents[[place[each.text] for each in one.candidates]] @ query
        for one, query in zip(judged, queries, strict=True)
    ]
    products = documents[[place[title] for title in titles.values()]]
    recall = catalogue_recall(judged, queries, products, list(titles), at)
    return {f"recall@{at}": recall, "ndcg@10": ranked(judged, scores)["ndcg@10"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shop", type=Path)
    parser.add_argument("version")
    parser.add_argument("products", type=Path)
    parser.add_argument("--at", type=int, default=100)
    given = parser.parse_args()
    folder = Registry(given.shop / "models").get(given.version).folder
    judged = [one for one in read_data_set(folder / "data").test if isinstance(one, JudgedQuery)]
    with given.products.open(encoding="utf-8") as lines:
        titles = {product["id"]: product["title"] for product in map(json.loads, lines)}
    before, after = (measured(OnnxEncoder.open(one), judged, titles, given.at) for one in (starter_folder(), folder))
    for metric, old in before.items():
        new = after[metric]
        known = ~np.isnan(old)
        gain = bootstrap(new[known] - old[known])
        figures = {"queries": int(known.sum()), "before": old[known].mean(), "after": new[known].mean()}
        figures |= {"gain": gain.mean, "low": gain.low, "high": gain.high}
        print(json.dumps({"metric": metric, **{name: round(float(value), 4) for name, value in figures.items()}}))


if __name__ == "__main__":
    main()
