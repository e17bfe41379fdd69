"""What a shop would reach without a pretrained model, on the data that `bench.learning.prepare` wrote.

`python -m bench.learning.baselines WORK NAME...`: TF-IDF (characters 1 to 4, words 1 to 2) with logistic regression for
labels, a conditional random field over characters for spans. Prints one JSON object a name.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Features = list[dict[str, str]]


def labels(learn: Sequence[Row], test: Sequence[Row]) -> dict[str, float]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import accuracy_score, f1_score
    from sklearn.pipeline import make_pipeline, make_union

    texts = make_union(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, max_features=200_000),
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=100_000),
    )
    model = make_pipeline(texts, LogisticRegression(C=10, max_iter=1000))
    model.fit([row["text"] for row in learn], [row["label"] for row in learn])
    found = model.predict([row["text"] for row in test])
    truth = [row["label"] for row in test]
    return {
        "accuracy": round(float(accuracy_score(truth, found)), 4),
        "macro_f1": round(float(f1_score(truth, found, average="macro")), 4),
    }


def spans(learn: Sequence[Row], test: Sequence[Row]) -> dict[str, float]:
    import sklearn_crfsuite

    model = sklearn_crfsuite.CRF(algorithm="lbfgs", c1=0.1, c2=0.1, max_iterations=100)
    model.fit([_features(row["text"]) for row in learn], [_tags(row) for row in learn])
    found = model.predict([_features(row["text"]) for row in test])
    right = said = there = 0
    for row, tags in zip(test, found, strict=True):
        truth = {(span["start"], span["end"], span["type"]) for span in row["spans"]}
        guessed = set(_spans(tags))
        right, said, there = right + len(truth & guessed), said + len(guessed), there + len(truth)
    return {"span_f1": round(2 * right / max(said + there, 1), 4)}


def _features(text: str) -> Features:
    padded = f"^^{text}$$"
    return [
        {
            "c": padded[i],
            "-1": padded[i - 1],
            "+1": padded[i + 1],
            "-2": padded[i - 2 : i],
            "-1c": padded[i - 1 : i + 1],
            "c+1": padded[i : i + 2],
            "+2": padded[i + 1 : i + 3],
            "-1c+1": padded[i - 1 : i + 2],
            "kind": "d" if padded[i].isdigit() else "a" if padded[i].isascii() else "h",
        }
        for i in range(2, len(text) + 2)
    ]


def _tags(row: Row) -> list[str]:
    tags = ["O"] * len(row["text"])
    for span in row["spans"]:
        tags[span["start"] : span["end"]] = ["I-" + span["type"]] * (span["end"] - span["start"])
        tags[span["start"]] = "B-" + span["type"]
    return tags


def _spans(tags: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    start: int | None = None
    for place, tag in enumerate([*tags, "O"]):
        if start is not None and tag != f"I-{tags[start][2:]}":
            yield start, place, tags[start][2:]
            start = None
        if start is None and tag != "O":
            start = place


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("names", nargs="+")
    given = parser.parse_args()
    for name in given.names:
        learn, test = (
            [json.loads(line) for line in (given.work / name / f"{part}.jsonl").open(encoding="utf-8")]
            for part in ("train", "test")
        )
        measured = spans(learn, test) if "spans" in learn[0] else labels(learn, test)
        print(json.dumps({"name": name, **measured}), flush=True)


if __name__ == "__main__":
    main()
