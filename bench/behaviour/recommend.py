"""Recommendations on public data: every method and the blend in one table, beside implicit's own.

`python -m bench.behaviour.recommend [yoochoose] [retail] [taobao] [cold] [--json FILE]`. Everything is learnt from the
training part; the blend from its newest sessions; the test part is asked once. `speed` is in recommend_speed.py.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.behaviour import recommend_data as data
from bench.behaviour.recommend_cold import cold_start
from bench.behaviour.recommend_implicit import implicit_methods
from openaisle.evaluation.recommendations import METRICS, figures
from openaisle.recommend.measuring import measure
from openaisle.recommend.shelf import open_shelf
from openaisle.recommend.training import Training, methods_of

TASKS = {"yoochoose": data.yoochoose, "retail": data.retail, "taobao": data.taobao}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", default=[*TASKS, "cold"], choices=[*TASKS, "cold"])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--epochs", type=int, default=20, help="Of the sequential method; 0 leaves it out.")
    arguments = parser.parse_args()
    results = {}
    for name in arguments.tasks:
        print(f"\n{name}", flush=True)
        results[name] = cold_start() if name == "cold" else measured(TASKS[name](), arguments.epochs)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")


def measured(task: data.Task, epochs: int) -> dict[str, Any]:
    started = time.process_time()
    training = Training(
        methods_of(sequential=_sequential(epochs)),
        cases=task.learning,
        tell=lambda stage: print(f"  {time.process_time() - started:6.0f} s  {stage}", flush=True),
    )
    shelf = open_shelf(len(task.train.products))
    knowledge, ranker = training.fit(task.train, shelf)
    answers = dict(measure(task.cases, knowledge, ranker))
    answers |= implicit_methods(task.train, task.cases)
    found = figures(answers)
    seconds = time.process_time() - started
    print(
        f"{task.name}: {len(task.train)} rows to learn from, {len(task.cases)} questions, {seconds:.0f} s of processor"
    )
    show(found["methods"])
    for metric, gain in found["blend_over_best"].items():
        print(f"  blend over {gain['best']}, {metric}: {gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}]")
    return {"rows": len(task.train), "cases": len(task.cases), "processor_seconds": round(seconds), **found}


def show(methods: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    print(f"  {'':22}" + "".join(f"{metric:>26}" for metric in METRICS))
    for name, values in sorted(methods.items(), key=lambda item: item[1]["hr@20"]["mean"]):
        cells = (values[metric] for metric in METRICS)
        print(f"  {name:22}" + "".join(f"  {c['mean']:.4f} [{c['low']:.4f}, {c['high']:.4f}]" for c in cells))


def _sequential(epochs: int) -> Any:
    if epochs == 0:
        return None
    import torch

    from openaisle.learning.sequential import Sequential

    torch.set_num_threads(1)
    return Sequential(epochs=epochs)


if __name__ == "__main__":
    main()
