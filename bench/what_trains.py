"""`python -m bench.what_trains BASE`: every choice of `train.what` on one task, as a table for the documentation.

Intents of Banking77 (a few texts each) are learned on the pretrained model in the folder BASE, each method in a process
of its own with the same data, seed, and number of steps, and with a learning rate that suits it. Accuracy is on the
published test split.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
BANKING77 = ROOT.parent / "shared" / "data" / "service" / "banking77"
RATES = {
    "everything": 3e-4,
    "last:2": 5e-4,
    "gradual": 1e-3,
    "head": 1e-2,
    "adapter": 2e-3,
    "lora": 2e-3,
    "adalora": 5e-3,
    "ia3": 1e-2,
    "prefix": 1e-2,
    "prompt": 1e-2,
}
"""A learning rate each for a short training; few weights take a high one."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Weights that train and all weights, processor seconds of training, peak MB of the process, accuracy."""

    what: str
    rate: float
    trainable: int
    total: int
    seconds: float
    memory: float
    accuracy: float


def main() -> None:
    options = _options()
    if options.one:
        print(json.dumps(asdict(_measure(options.one, options))))
        return
    rows = []
    for what in options.methods:
        rows.append(_in_own_process(what))
        print(_line(rows[-1]), file=sys.stderr, flush=True)
    print("\n".join(_table(rows, options)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.what_trains", description=__doc__)
    parser.add_argument("base", type=Path, help="folder of a pretrained model")
    parser.add_argument("--methods", nargs="+", default=list(RATES), choices=list(RATES), metavar="METHOD")
    parser.add_argument("--intents", type=int, default=77, help="the first so many in alphabetical order")
    parser.add_argument("--each", type=int, default=10, help="texts of each intent to learn from")
    parser.add_argument("--tested", type=int, default=40, help="texts of each intent to test on, at most")
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--data", type=Path, default=BANKING77, help="folder of train.tsv.gz and test.tsv.gz")
    parser.add_argument("--one", choices=list(RATES), help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_own_process(what: str) -> Measured:
    """Peak memory is a process's, so each method has its own."""
    command = [sys.executable, "-m", "bench.what_trains", *sys.argv[1:], "--one", what]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def _measure(what: str, options: argparse.Namespace) -> Measured:
    import torch

    from openaisle.learning.data.digest import data_set
    from openaisle.learning.training import run_training
    from openaisle.learning.training.opening import begin

    torch.set_num_threads(options.threads)
    recipe = _recipe(what, options)
    train, test = _examples(options, "train", options.each), _examples(options, "test", options.tested)
    data = data_set(train, (), ())
    with TemporaryDirectory() as folder:
        head = begin(recipe, data).head
        began = time.process_time()
        trained = run_training(head, data, recipe, Path(folder), tell=lambda *_: None, resume=False)
        seconds = time.process_time() - began
    return Measured(
        what,
        RATES[what],
        trained.trainable_parameters,
        trained.all_parameters,
        seconds,
        trained.peak_memory_mb,
        trained.head.measure(test)["accuracy"],
    )


def _recipe(what: str, options: argparse.Namespace) -> Any:
    from openaisle.learning.recipe.reading import recipe_of

    stated = {
        "name": "what-trains",
        "task": "classify",
        "base": str(options.base.resolve()),
        "seed": options.seed,
        "data": {"source": "labelled", "path": "unused"},
        "model": {"max_tokens": 64},
        "train": {
            "what": what,
            "start": "random",  # a probe knows most of it already
            "learning_rate": RATES[what],
            "max_steps": options.steps,
            "batch_size": options.batch,
        },
        "tracking": {"tensorboard": False},
    }
    return recipe_of(stated, options.data)


def _examples(options: argparse.Namespace, split: str, each: int) -> list[Any]:
    from openaisle.learning.examples import Labelled

    with gzip.open(options.data / f"{split}.tsv.gz", "rt", encoding="utf-8", newline="") as stream:
        rows = [(row["text"], row["intent"]) for row in csv.DictReader(stream, delimiter="\t")]
    wanted = set(sorted({intent for _, intent in rows})[: options.intents])
    return [Labelled(text, (intent,)) for text, intent in _first(rows, wanted, each)]


def _first(rows: Iterable[tuple[str, str]], wanted: set[str], each: int) -> Iterator[tuple[str, str]]:
    seen: Counter[str] = Counter()
    for text, intent in rows:
        seen[intent] += 1
        if intent in wanted and seen[intent] <= each:
            yield text, intent


def _table(rows: list[Measured], options: argparse.Namespace) -> list[str]:
    return [
        f"{options.base.resolve().name}, {options.intents} intents of Banking77, {options.each} texts each, "
        f"{options.steps} steps of {options.batch}, {options.threads} thread(s), seed {options.seed}.",
        "",
        "| `what` | Learning rate | Weights that train | Share | CPU seconds | Peak memory | Accuracy |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *map(_line, rows),
    ]


def _line(row: Measured) -> str:
    return (
        f"| {row.what} | {row.rate:g} | {row.trainable:,} | {100 * row.trainable / row.total:.2f} % "
        f"| {row.seconds:.1f} | {row.memory:,.0f} MB | {100 * row.accuracy:.1f} % |"
    )


if __name__ == "__main__":
    main()
