"""Pairs a second and memory of a training here, and of the same one with sentence-transformers' own trainer.

    python -m bench.training_throughput --base FOLDER --layers 4 --steps 100 --rounds 3

Same pairs (titles and descriptions of the sample store), base, batch size, steps, numbers, loss (multiple negatives)
and optimiser. Each training runs in a process of its own, the two take turns, and each writes a checkpoint at its end.
Time is from the trainer's first line to its last, with tokens, lengths and batches; opening the model is not in it. On
a machine that others use, compare the pairs per second of processor time. Their trainer needs
`pip install 'sentence-transformers[train]'`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

_TEMPERATURE = 0.05
_RATE = 2e-5


class Time:
    """What passes inside a `with`: by the clock, and of all the process's threads."""

    seconds = processor_seconds = 0.0

    def __enter__(self) -> Self:
        self._started = time.monotonic(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._started[0]
        self.processor_seconds = time.process_time() - self._started[1]


def pairs(count: int) -> list[tuple[str, str]]:
    """Titles with descriptions, in both languages, as often as are asked for."""
    from openaisle.sample.generate import products

    made = [(item["title"][each], item["description"][each]) for item in products() for each in ("en", "zh")]
    return [made[number % len(made)] for number in range(count)]


def ours(stated: argparse.Namespace, folder: Path) -> Time:
    from openaisle.learning.data import data_set
    from openaisle.learning.examples import Triplet
    from openaisle.learning.recipe import recipe_of
    from openaisle.learning.training import run_training
    from openaisle.learning.training.opening import begin

    recipe = recipe_of(
        {
            "name": "throughput",
            "task": "match",
            "base": str(stated.base),
            "data": {"source": "pairs", "path": "pairs.tsv"},
            "model": {"max_tokens": stated.tokens, "query_prefix": "", "document_prefix": ""},
            "train": {
                "max_steps": stated.steps,
                "batch_size": stated.batch,
                "learning_rate": _RATE,
                "temperature": _TEMPERATURE,
                "warmup": 0.0,
                "precision": stated.precision,
                "bucketing": stated.bucketing,
            },
            "tracking": {"tensorboard": False},
        },
        folder,
    )
    data = data_set([Triplet(*pair) for pair in pairs(stated.steps * stated.batch)], [], [])
    head = begin(recipe, data).head
    with Time() as taken:
        run_training(head, data, recipe, folder, tell=lambda stage, done, total: None, resume=False)
    return taken


def theirs(stated: argparse.Namespace, folder: Path) -> Time:
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
        models,
    )
    from sentence_transformers.losses import MultipleNegativesRankingLoss

    transformer = models.Transformer(str(stated.base), max_seq_length=stated.tokens)
    pooling = models.Pooling(transformer.get_word_embedding_dimension(), "mean")
    model = SentenceTransformer(modules=[transformer, pooling, models.Normalize()])
    made = pairs(stated.steps * stated.batch)
    data = Dataset.from_dict({"anchor": [title for title, _ in made], "positive": [text for _, text in made]})
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder),
        max_steps=stated.steps,
        per_device_train_batch_size=stated.batch,
        learning_rate=_RATE,
        weight_decay=0.01,
        bf16=stated.precision == "bfloat16",
        save_strategy="steps",
        save_steps=stated.steps,
        report_to="none",
        disable_tqdm=True,
        log_level="error",
        dataloader_pin_memory=False,
    )
    loss = MultipleNegativesRankingLoss(model, scale=1 / _TEMPERATURE)
    trainer = SentenceTransformerTrainer(model, arguments, train_dataset=data, loss=loss)
    with Time() as taken:
        trainer.train()
    return taken


TRAINERS: dict[str, Callable[[argparse.Namespace, Path], Time]] = {"openaisle": ours, "sentence-transformers": theirs}


def one(name: str, stated: argparse.Namespace) -> None:
    """Train once in this process and print what it took as the last line."""
    with tempfile.TemporaryDirectory() as folder:
        taken = TRAINERS[name](stated, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    count = stated.steps * stated.batch
    told = {"by_clock": count / taken.seconds, "by_processor": count / taken.processor_seconds, "peak_mb": peak}
    print(json.dumps(told))


def in_turn(stated: argparse.Namespace, base: Path) -> dict[str, list[dict[str, float]]]:
    """Every trainer, as often as there are rounds, beginning with another one each round."""
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in TRAINERS}
    for turn in range(stated.rounds):
        names = list(TRAINERS)[:: 1 if turn % 2 == 0 else -1]
        for name in names:
            taken[name].append(_child(name, stated, base))
            print(f"round {turn + 1}, {name}: {json.dumps(taken[name][-1])}", file=sys.stderr, flush=True)
    return taken


def _child(name: str, stated: argparse.Namespace, base: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.training_throughput", "--only", name, "--base", str(base)]
    for option in ("steps", "batch", "tokens", "precision"):
        command += [f"--{option}", str(getattr(stated, option))]
    command += [] if stated.bucketing else ["--no-bucketing"]
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false"}
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    told: dict[str, float] = json.loads(said.stdout.splitlines()[-1])
    return told


def cut(base: Path, layers: int, folder: Path, tokens: int) -> Path:
    """The base with its first layers only, so that a short run says something."""
    from openaisle.learning.backbones import open_backbone

    open_backbone(str(base), max_tokens=tokens, layers=layers or None).save(folder)
    return folder


def main() -> None:
    stated = _arguments()
    if stated.only:
        one(stated.only, stated)
        return
    with tempfile.TemporaryDirectory() as folder:
        taken = in_turn(stated, cut(stated.base, stated.layers, Path(folder), stated.tokens))
    for name, runs in taken.items():
        clock, processor = (statistics.median(run[kind] for run in runs) for kind in ("by_clock", "by_processor"))
        peak = max(run["peak_mb"] for run in runs)
        print(f"{name:22} {clock:7.1f} pairs/s, {processor:7.1f} pairs per second of processor, {peak:,.0f} MB")


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="a Hugging Face folder")
    parser.add_argument("--layers", type=int, default=4, help="layers that are kept; 0 keeps all")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--no-bucketing", dest="bucketing", action="store_false")
    parser.add_argument("--only", choices=list(TRAINERS), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
