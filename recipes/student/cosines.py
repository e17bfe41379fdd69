"""How the second edition's cosines read, by the first's: `python recipes/student/cosines.py FIRST SECOND`.

Both editions score the sample store's judged queries against its titles. A limit of the first edition (what unrelated
texts reach, what a good answer reaches) is met or passed by a share of all pairs; the second edition's limit is where
the same share lies. Across languages likewise, with titles of the other language alone.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaisle.models.manifest import read_manifest
from openaisle.models.onnx import OnnxEncoder
from openaisle.sample.generate import products
from openaisle.sample.judge import judged_queries


def cosines(folder: Path, queries: list[str], titles: list[str]) -> NDArray[np.float32]:
    encoder = OnnxEncoder.open(folder)
    scores: NDArray[np.float32] = encoder.encode_queries(queries) @ encoder.encode_documents(titles).T
    return scores


def same_share(first: NDArray[np.float32], second: NDArray[np.float32], limit: float) -> float:
    """The value that as large a share of `second` lies below as of `first` below `limit`."""
    return float(np.quantile(second, (first < limit).mean()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    given = parser.parse_args()
    asked = [judged for judged in judged_queries() if judged.language != "mixed"]
    queries = [judged.text for judged in asked]
    english = list(dict.fromkeys(product.get("title")["en"] for product in products()))
    chinese = list(dict.fromkeys(product.get("title")["zh"] for product in products()))
    asked_in_chinese = np.array([judged.language == "zh" for judged in asked])
    one, other = (
        [cosines(folder, queries, english), cosines(folder, queries, chinese)] for folder in (given.first, given.second)
    )
    within = [np.concatenate([s[0][~asked_in_chinese].ravel(), s[1][asked_in_chinese].ravel()]) for s in (one, other)]
    across = [np.concatenate([s[0][asked_in_chinese].ravel(), s[1][~asked_in_chinese].ravel()]) for s in (one, other)]
    stated = read_manifest(given.first).cosines
    unrelated = same_share(*within, stated.unrelated)
    limits = {
        "unrelated": unrelated,
        "related": same_share(*within, stated.related),
        "translated": unrelated - same_share(*across, stated.unrelated - stated.translated),
    }
    print(json.dumps({name: round(value, 3) for name, value in limits.items()}))


if __name__ == "__main__":
    main()
