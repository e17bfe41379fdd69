"""One system, measured in a process of its own: `python -m bench.measure STEP SYSTEM FOLDER OUTPUT`.

The steps, in this order: `build` indexes the corpus in FOLDER; `tune` finds the least effort that is complete enough,
so that all systems are compared at equal recall; `serve` opens what was built, without the corpus, and asks it. Each
writes what it measured to OUTPUT as JSON.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from bench.corpus import Queries, read_corpus, read_queries
from bench.exact import read_exact
from bench.system import Answer, Filter, System
from bench.systems import load

K = 10
TARGET = 0.98
"""Recall of the ten nearest that every system is set to reach."""
FILTER_OF = {"facets": "price"}
"""The filter of a workload that is not named like it."""
FACETS = ("brand", "category", "colour", "stars")
WARM_UP = 100
EFFORTS = "efforts.json"
THREADS = 8
SECONDS = 4.0
"""Time for each single-threaded and each many-threaded run."""

Ask = Callable[[int], Answer]


def build(name: str, folder: Path) -> dict[str, Any]:
    """Seconds, bytes on disk, and peak bytes resident (the corpus itself among them)."""
    target = folder / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    corpus = read_corpus(folder)
    system = load(name)
    begin = time.perf_counter()
    system.build(corpus, target)
    seconds = time.perf_counter() - begin
    disk = sum(path.stat().st_blocks * 512 for path in target.rglob("*") if path.is_file())
    return {"seconds": seconds, "disk": disk, "peak": _peak()}


def tune(name: str, folder: Path) -> dict[str, int]:
    """For each filter the least effort whose recall reaches the target; the one of best recall where none does."""
    queries, system = read_queries(folder), load(name)
    system.open(folder / name)
    efforts = {workload: _least_effort(system, queries, folder, workload) for workload in filters(queries)}
    system.close()
    (folder / name / EFFORTS).write_text(json.dumps(efforts), "utf-8")
    return efforts


def serve(name: str, folder: Path) -> dict[str, Any]:
    """Every workload's latency and throughput, recall of the dense part, memory."""
    queries, system = read_queries(folder), load(name)
    efforts = json.loads((folder / name / EFFORTS).read_text("utf-8"))
    before = psutil.Process().memory_info().rss
    begin = time.perf_counter()
    system.open(folder / name)
    opened = time.perf_counter() - begin
    measured = {}
    for workload, ask in _workloads(system, queries).items():
        system.exert(efforts[FILTER_OF.get(workload, workload)])
        measured[workload] = _asked(ask, len(queries.texts))
    memory = psutil.Process().memory_info()
    recall = {}
    for workload, effort in efforts.items():
        system.exert(effort)
        recall[workload] = _recall(system, queries, folder, workload)
    system.close()
    return {
        "open": opened,
        "workloads": measured,
        "recall": recall,
        "resident": memory.rss,
        "own": memory.rss - memory.shared,
        "before": before,
        "peak": _peak(),
    }


def filters(queries: Queries) -> dict[str, Callable[[int], Filter | None]]:
    """What each workload's shopper narrows down to, by the number of the query."""
    return {
        "plain": lambda i: None,
        "price": lambda i: Filter(price=queries.prices[i]),
        "category": lambda i: Filter(category=queries.categories[i]),
    }


def _workloads(system: System, queries: Queries) -> dict[str, Ask]:
    def asking(narrow: Callable[[int], Filter | None], facets: Sequence[str]) -> Ask:
        return lambda i: system.search(queries.texts[i], queries.vectors[i], K, narrow(i), facets)

    narrowing = filters(queries)
    workloads = {name: asking(narrow, ()) for name, narrow in narrowing.items()}
    if system.counts_facets:
        workloads["facets"] = asking(narrowing["price"], FACETS)
    return workloads


def _asked(ask: Ask, queries: int) -> dict[str, float]:
    """Milliseconds a query (p50, p95) one after another, and queries a second with one thread and with many."""
    for number in range(min(WARM_UP, queries)):
        ask(number)
    times = _one_by_one(ask, queries)
    return {
        "p50": float(np.median(times)) * 1e3,
        "p95": float(np.quantile(times, 0.95)) * 1e3,
        "qps_1": len(times) / sum(times),
        f"qps_{THREADS}": _throughput(ask, queries),
        "asked": len(times),
    }


def _one_by_one(ask: Ask, queries: int) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + SECONDS
    while (begin := time.perf_counter()) < end:
        ask(len(times) % queries)
        times.append(time.perf_counter() - begin)
    return times


def _throughput(ask: Ask, queries: int) -> float:
    numbers = count()
    begin = time.perf_counter()
    end = begin + SECONDS

    def work() -> int:
        asked = 0
        while time.perf_counter() < end:
            ask(next(numbers) % queries)
            asked += 1
        return asked

    with ThreadPoolExecutor(THREADS) as pool:
        asked = sum(task.result() for task in [pool.submit(work) for _ in range(THREADS)])
    return asked / (time.perf_counter() - begin)


def _least_effort(system: System, queries: Queries, folder: Path, workload: str) -> int:
    recalls: dict[int, float] = {}
    for effort in system.efforts:
        system.exert(effort)
        recalls[effort] = _recall(system, queries, folder, workload)
        if recalls[effort] >= TARGET:
            return effort
    return max(recalls, key=lambda effort: recalls[effort])


def _recall(system: System, queries: Queries, folder: Path, name: str) -> float:
    """Share of the exact ten nearest under a filter that the system's dense part finds."""
    narrow, shares = filters(queries)[name], []
    for number, nearest in enumerate(read_exact(folder, name)):
        found = system.nearest(queries.vectors[number], K, narrow(number))
        shares.append(len(set(found) & set(nearest)) / max(len(nearest), 1))
    return float(np.mean(shares))


def _peak() -> int:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes if sys.platform == "darwin" else kilobytes * 1024


if __name__ == "__main__":
    step, name, folder, output = sys.argv[1:]
    result = {"build": build, "tune": tune, "serve": serve}[step](name, Path(folder))
    Path(output).write_text(json.dumps(result), "utf-8")
