"""Results as Markdown between the markers of docs/performance.md, and as JSON in bench/results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

from bench.systems import SYSTEMS

OURS = "openaisle"
WORKLOADS = {
    "plain": "hybrid",
    "price": "+ price filter",
    "category": "+ category filter",
    "facets": "+ price, 4 facets",
}
NOT_THERE = "–"

Result = dict[str, Any]
Figure = Callable[[Result], float | None]


def write_report(work: Path, page: Path, results: Path) -> None:
    """Everything measured so far, smallest corpus first."""
    results.mkdir(exist_ok=True)
    runs = sorted(
        (json.loads(path.read_text("utf-8")) for path in work.glob("*/results.json")), key=lambda r: r["size"]
    )
    for run in runs:
        (results / f"{run['size']}.json").write_text(json.dumps(run, indent=1) + "\n", "utf-8")
    sections = [section(run) for run in runs]
    if len(runs) > 1:
        sections.append(growth(runs))
    replace_between(page, "bench:engines", "\n".join(sections))


def replace_between(page: Path, marker: str, content: str) -> None:
    """Put content between `<!-- marker -->` and `<!-- /marker -->`."""
    text = page.read_text("utf-8")
    opening, closing = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    if opening not in text or closing not in text:
        raise SystemExit(f"{page} has no place for {marker}.")
    head, rest = text.split(opening, 1)
    _, tail = rest.split(closing, 1)
    page.write_text(f"{head}{opening}\n\n{content.strip()}\n\n{closing}{tail}", "utf-8")


def section(run: Result) -> str:
    systems = {name: run[name] for name in SYSTEMS if run.get(name, {}).get("rounds")}
    machine = run["machine"]
    lines = [
        f"### {run['size']:,} products",
        "",
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}; "
        f"median of {_rounds(systems)} round(s).",
        "",
        "As ratios to OpenAisle; above 1.0 is slower, larger or, for q/s, more:",
        "",
        *_table(systems, RATIOS, _ratio_to(systems.get(OURS))),
        "",
        "As measured:",
        "",
        *_table(systems, MEASURED, lambda figure, result: figure(result)),
        "",
    ]
    return "\n".join([*lines, *_footnotes(run, systems)])


def growth(runs: Iterable[Result]) -> str:
    """OpenAisle's median latency by the number of products."""
    rows = [(run["size"], run[OURS]) for run in runs if run.get(OURS, {}).get("rounds")]
    head = f"| products | {' | '.join(WORKLOADS.values())} | resident MB |"
    lines = ["### How OpenAisle grows", "", "p50 in milliseconds:", "", head, "| ---: " * (len(WORKLOADS) + 2) + "|"]
    for size, result in rows:
        times = [_cell(_workload(name, "p50")(result), "ms") for name in WORKLOADS]
        lines.append(f"| {size:,} | {' | '.join(times)} | {_cell(_resident(result), 'MB')} |")
    return "\n".join(lines)


def _workload(name: str, figure: str) -> Figure:
    def read(result: Result) -> float | None:
        values = [turn["workloads"][name][figure] for turn in result["rounds"] if name in turn["workloads"]]
        return median(values) if values else None

    return read


def _recall(name: str) -> Figure:
    return lambda result: median(turn["recall"][name] for turn in result["rounds"])


def _resident(result: Result) -> float:
    return float(median(turn["resident"] for turn in result["rounds"])) / 1e6


def _own(result: Result) -> float:
    return float(median(turn["own"] for turn in result["rounds"])) / 1e6


_BUILD: dict[str, tuple[Figure, str]] = {
    "build s": (lambda result: result["build"]["seconds"], "s"),
    "disk MB": (lambda result: result["build"]["disk"] / 1e6, "MB"),
    "resident MB": (_resident, "MB"),
}
_SPEED: dict[str, tuple[Figure, str]] = {
    **{f"{label} p50 ms": (_workload(name, "p50"), "ms") for name, label in WORKLOADS.items()},
    "q/s, 1 thread": (_workload("plain", "qps_1"), "q/s"),
    "q/s, 8 threads": (_workload("plain", "qps_8"), "q/s"),
}
RATIOS = {**_BUILD, **_SPEED}
MEASURED: dict[str, tuple[Figure, str]] = {
    **_BUILD,
    "not shared MB": (_own, "MB"),
    "build peak MB": (lambda result: result["build"]["peak"] / 1e6, "MB"),
    **{f"recall@10 {name}": (_recall(name), "share") for name in ("plain", "price", "category")},
    **_SPEED,
    **{f"{label} p95 ms": (_workload(name, "p95"), "ms") for name, label in WORKLOADS.items()},
    **{f"{label} q/s, 8 threads": (_workload(name, "qps_8"), "q/s") for name, label in list(WORKLOADS.items())[1:]},
}


def _ratio_to(ours: Result | None) -> Callable[[Figure, Result], float | None]:
    def ratio(figure: Figure, result: Result) -> float | None:
        own, other = (figure(ours) if ours else None), figure(result)
        return other / own if own and other is not None else None

    return ratio


def _table(
    systems: dict[str, Result], figures: dict[str, tuple[Figure, str]], read: Callable[[Figure, Result], float | None]
) -> list[str]:
    """A row a figure, a column a system: there are more figures than systems."""
    ratios = figures is RATIOS
    lines = [f"| | {' | '.join(SYSTEMS[name][0] for name in systems)} |", "| --- " + "| ---: " * len(systems) + "|"]
    for label, (figure, unit) in figures.items():
        cells = [_cell(read(figure, result), "ratio" if ratios else unit) for result in systems.values()]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return lines


def _cell(value: float | None, unit: str) -> str:
    if value is None:
        return NOT_THERE
    if unit == "share":
        return f"{value:.3f}"
    if unit == "ratio":
        return f"{value:.2g}" if value < 10 else f"{value:,.0f}"
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _rounds(systems: dict[str, Result]) -> int:
    return max((len(result["rounds"]) for result in systems.values()), default=0)


def _footnotes(run: Result, systems: dict[str, Result]) -> list[str]:
    versions = ", ".join(
        f"{name} {number}" for result in systems.values() for name, number in result["versions"].items()
    )
    failed = [f"{SYSTEMS[name][0]} {run[name]['failed']}." for name in SYSTEMS if "failed" in run.get(name, {})]
    return [f"Versions: {versions}.", *failed, ""]
