"""Measure encoders side by side: python recipes/starter/speed.py TITLES.jsonl.gz FOLDER [FOLDER ...].

Time is processor time of one thread, so that other work on the machine disturbs it little. Each FOLDER holds model.onnx
and tokenizer.json.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from pathlib import Path

import numpy as np
from running import Runner

QUERIES = ["wireless mouse", "无线鼠标", "led christmas lights", "women's running shoes size 8", "加厚羽绒服 女 中长款"]
ROUNDS = 40
TITLES = 256


def main(titles: Path, folders: list[Path]) -> None:
    with gzip.open(titles, "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["title"] for line, _ in zip(file, range(TITLES), strict=False)]
    print("encoder", "query ms (median)", "titles a second", sep=" | ")
    for folder in folders:
        runner = Runner(folder / "model.onnx", folder / "tokenizer.json")
        print(folder.name, f"{_query_milliseconds(runner):.1f}", f"{_titles_a_second(runner, texts):.0f}", sep=" | ")


def _query_milliseconds(runner: Runner) -> float:
    runner.vectors("query: ", QUERIES)
    spent = []
    for _ in range(ROUNDS):
        for query in QUERIES:
            start = time.process_time()
            runner.vectors("query: ", [query])
            spent.append(time.process_time() - start)
    return 1000 * float(np.median(spent))


def _titles_a_second(runner: Runner, texts: list[str]) -> float:
    start = time.process_time()
    runner.vectors("query: ", texts)
    return len(texts) / (time.process_time() - start)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
