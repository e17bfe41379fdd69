"""Public data sets as files that `openaisle train` reads, each with its recipe.

`python -m bench.learning.prepare WORK [--minilm FOLDER] [--reranker FOLDER]` writes WORK/<name>/ with the data and
recipe.toml; then `openaisle train SHOP WORK/<name>/recipe.toml`. Judgments need their products in the shop first, made
with `openaisle init SHOP --encoder none`: `openaisle ingest SHOP WORK/homedepot-match/products.jsonl`; and taobao-field
goes on from taobao-ner, sentiment-grams from sentiment, sentiment-long from that. Nothing in WORK may be published: see
../shared/data/README.md.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

DATA = Path(__file__).parents[2].parent / "shared" / "data"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """`recipe` is TOML without its name; the files it names are written beside it from `files`."""

    name: str
    recipe: str
    files: dict[str, Iterable[Row]]


def tasks(minilm: str, reranker: str) -> Iterator[Task]:
    banking = [_tsv("service/banking77/train.tsv.gz"), _tsv("service/banking77/test.tsv.gz")]
    banking = [[{"text": row["text"], "label": row["intent"]} for row in part] for part in banking]
    few = _few(banking[0], 10)
    for base, folder, rate in (("minilm", minilm, "2e-4"), ("starter", "starter", "3e-4")):
        full = _classify(folder, "epochs = 10", rate=rate, batch=32, validation=0.05, grams=2)
        yield Task(f"banking77-{base}", full, {"train.jsonl": banking[0], "test.jsonl": banking[1]})
        short = _classify(folder, "epochs = 15", rate="5e-5", batch=16, validation=0.0)
        yield Task(f"banking77-10-{base}", short, {"train.jsonl": few, "test.jsonl": banking[1]})
    openbg = [{"text": row["title"], "label": row["fine"]} for row in _jsonl("zh/openbg_category.jsonl.gz")]
    learn, test = _divided(openbg, "text", 0.2)
    recipe = _classify("starter", "epochs = 15", rate="5e-5", batch=16, validation=0.0)
    yield Task("openbg", recipe, {"train.jsonl": learn, "test.jsonl": test})
    reviews = [
        {"text": row["review"], "label": "good" if row["label"] == "1" else "bad"}
        for row in _csv("reviews/online_shopping_10_cats.csv.gz")
        if row["review"].strip()
    ]
    learn, test = _divided(reviews, "text", 0.1)
    yield from _sentiment({"train.jsonl": learn, "test.jsonl": test})
    tagged = {part: _tagged(f"zh/taobao_ner/{part}.jsonl.gz") for part in ("train", "dev")}
    files = {"train.jsonl": tagged["train"], "test.jsonl": tagged["dev"]}
    yield Task("taobao-ner", _tag("starter", "cross_entropy", epochs=8, rate="3e-4"), files)
    yield Task("taobao-field", _tag("taobao-ner@1", "random_field", epochs=2, rate="1e-4"), files)
    judged = list(_tsv("search/homedepot/judgments.tsv.gz"))
    products = [{"id": row["id"], "title": row["title"]} for row in _jsonl("search/homedepot/products.jsonl.gz")]
    # what is half right is told apart from what is: only gains of 2 are answers to a bi-encoder
    match = _judged("match", "starter", "", positive=1.5, tokens=64, rate="1e-4")
    # most judged titles of a query are right: only their order says something
    rerank = _judged("rerank", reranker, "lambda", positive=0.5, tokens=96, rate="6e-5")
    yield Task("homedepot-match", match, {"products.jsonl": products, "judgments.tsv": judged})
    yield Task("homedepot-rerank", rerank, {"judgments.tsv": judged})


def _sentiment(files: dict[str, Iterable[Row]]) -> Iterator[Task]:
    """Three trainings, each on what the one before left: all layers, the upper half, the upper half on longer texts."""
    first = _classify("starter", "epochs = 1", rate="2e-4", batch=32, validation=0.02, tokens=128)
    yield Task("sentiment", first, files)
    upper = 'what = "last:6"\nepochs = 1'
    then = _classify("sentiment@1", upper, rate="1e-4", batch=32, validation=0.02, tokens=128, grams=2)
    yield Task("sentiment-grams", then, files)
    longer = 'what = "last:6"\nmax_steps = 800'
    last = _classify("sentiment-grams@1", longer, rate="5e-5", batch=32, validation=0.02, tokens=192, grams=2)
    yield Task("sentiment-long", last, files)


def _classify(
    base: str, trained: str, *, rate: str, batch: int, validation: float, tokens: int = 64, grams: int = 0
) -> str:
    """`trained`: the lines of [train] that say what is trained, and for how long."""
    return f"""task = "classify"
base = "{base}"

[data]
source = "labelled"
path = "train.jsonl"
test_path = "test.jsonl"
train = {1 - validation}
validation = {validation}
test = 0.0

[model]
max_tokens = {tokens}
grams = {grams}

[train]
{trained}
learning_rate = {rate}
batch_size = {batch}
schedule = "cosine"
precision = "bfloat16"
"""


def _tag(base: str, loss: str, *, epochs: int, rate: str) -> str:
    return f"""task = "tag"
base = "{base}"

[data]
source = "tagged"
path = "train.jsonl"
test_path = "test.jsonl"
train = 0.95
validation = 0.05
test = 0.0

[train]
loss = "{loss}"
epochs = {epochs}
learning_rate = {rate}
batch_size = 16
schedule = "cosine"
precision = "bfloat16"
"""


def _judged(task: str, base: str, loss: str, *, positive: float, tokens: int, rate: str) -> str:
    """A batch is 16 queries, each with all its judged titles. `positive`: the gain from which a title is an answer."""
    return f"""task = "{task}"
base = "{base}"

[data]
source = "judgments"
path = "judgments.tsv"
fields = ["title"]
train = 0.85
validation = 0.02
test = 0.13
positive_from = {positive}
negatives = 0

[model]
max_tokens = {tokens}

[train]
loss = "{loss}"
max_steps = 300
batch_size = 16
learning_rate = {rate}
schedule = "cosine"
precision = "bfloat16"
evaluate_every = 100

[export]
quantise = "int8"
"""


def _few(rows: list[Row], each: int) -> list[Row]:
    """The first `each` rows of every label."""
    held: dict[str, int] = {}
    few = []
    for row in rows:
        held[row["label"]] = held.get(row["label"], 0) + 1
        if held[row["label"]] <= each:
            few.append(row)
    return few


def _divided(rows: Iterable[Row], key: str, share: float) -> tuple[list[Row], list[Row]]:
    """Rows to learn from and rows to test on, by the hash of a field: the same on every machine."""
    learn: list[Row] = []
    test: list[Row] = []
    for row in rows:
        number = int.from_bytes(hashlib.sha256(str(row[key]).encode()).digest()[:4], "big") / 2**32
        (test if number < share else learn).append(row)
    return learn, test


def _tagged(name: str) -> list[Row]:
    return [
        {"text": row["text"], "spans": [{k: span[k] for k in ("start", "end", "type")} for span in row["spans"]]}
        for row in _jsonl(name)
    ]


def _jsonl(name: str) -> Iterator[Row]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _tsv(name: str) -> Iterator[Row]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _csv(name: str) -> Iterator[Row]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def write(task: Task, work: Path) -> None:
    folder = work / task.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.toml").write_text(f'name = "{task.name}"\n{task.recipe}', encoding="utf-8")
    for name, rows in task.files.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            if name.endswith(".tsv"):
                _write_table(file, list(rows))
            else:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_table(file: TextIO, rows: list[Row]) -> None:
    """Tabs between, nothing quoted: as judgments are read."""
    file.writelines("\t".join(row) + "\n" for row in (list(rows[0]), *(map(str, row.values()) for row in rows)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--minilm", default="sentence-transformers/all-MiniLM-L6-v2", help="its folder or name")
    parser.add_argument("--reranker", default="starter", help="weights/ of the reranker's version (recipes/reranker)")
    given = parser.parse_args()
    for task in tasks(given.minilm, given.reranker):
        write(task, given.work)
        print(task.name, {name: sum(1 for _ in (given.work / task.name / name).open()) for name in task.files})


if __name__ == "__main__":
    main()
