"""`python -m bench.run`: build every system once, let them take turns for some rounds, write the report."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.corpus import make, read_corpus, read_queries
from bench.exact import write_exact
from bench.report import write_report
from bench.systems import SYSTEMS
from bench.titles import read_titles

ROOT = Path(__file__).parents[1]
WORK = ROOT / "bench" / "work"
TITLES = ROOT.parent / "shared" / "data" / "search" / "homedepot"
QUIET = {"LANCEDB_LOG": "error"}
SERVING = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""A server runs queries side by side; threads within one matrix product only get in each other's way."""
DISTRIBUTIONS = {
    "openaisle": ("openaisle",),
    "openaisle_answer": ("openaisle",),
    "zvec": ("zvec",),
    "qdrant_edge": ("qdrant-edge-py",),
    "tantivy_faiss": ("tantivy", "faiss-cpu"),
    "bm25s_usearch": ("bm25s", "usearch"),
    "lancedb": ("lancedb",),
    "sqlite_fts_vec": ("apsw", "sqlite-vec"),
}


def main() -> None:
    options = _options()
    for size in options.size:
        _measure(size, options)
    write_report(options.work, ROOT / "docs" / "performance.md", ROOT / "bench" / "results")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--size", type=int, nargs="+", default=[10_000, 200_000], help="products; several in turn")
    parser.add_argument("--systems", nargs="+", default=list(SYSTEMS), choices=list(SYSTEMS), metavar="SYSTEM")
    parser.add_argument("--rounds", type=int, default=3, help="turns that every system takes")
    parser.add_argument("--reuse", action="store_true", help="do not build again what is built")
    parser.add_argument("--titles", type=Path, default=TITLES, help="folder of the Home Depot search set")
    parser.add_argument("--work", type=Path, default=WORK, help="where products, indexes and results are kept")
    return parser.parse_args()


def _measure(size: int, options: argparse.Namespace) -> None:
    folder = options.work / str(size)
    _prepare(size, folder, options.titles)
    results = _read(folder / "results.json") if options.reuse else {}
    systems = {name: results.get(name, {}) for name in options.systems}
    for name, result in systems.items():
        _build(name, folder, result, options.reuse)
    built = [name for name in systems if "tune" in systems[name]]
    for name in built:
        systems[name]["rounds"] = []
    for turn in range(options.rounds):
        for name in built[turn % len(built) :] + built[: turn % len(built)]:
            _serve(name, folder, systems[name], turn)
    content = {**results, **systems, "machine": _machine(), "size": size}
    (folder / "results.json").write_text(json.dumps(content, indent=1), "utf-8")


def _prepare(size: int, folder: Path, titles: Path) -> None:
    if (folder / "exact-plain.json").exists():
        return
    if not titles.exists():
        raise SystemExit(f"The bench needs the Home Depot titles: no folder {titles}. Say where: --titles FOLDER")
    _say(f"{size:,} products: making them")
    shutil.rmtree(folder, ignore_errors=True)
    make(size, read_titles(titles, folder.parent), folder)
    write_exact(read_corpus(folder), read_queries(folder), folder)


def _build(name: str, folder: Path, result: dict[str, Any], reuse: bool) -> None:
    if reuse and "tune" in result and (folder / name).exists():
        return
    result.clear()
    missing = [distribution for distribution in DISTRIBUTIONS[name] if not _installed(distribution)]
    if missing:
        result["failed"] = f"does not install here: {', '.join(missing)}"
        return
    result["versions"] = {distribution: version(distribution) for distribution in DISTRIBUTIONS[name]}
    _say(f"{name}: building")
    for step in ("build", "tune"):
        measured = _in_own_process(step, name, folder)
        if isinstance(measured, str):
            result["failed"] = measured
            return
        result[step] = measured


def _serve(name: str, folder: Path, result: dict[str, Any], turn: int) -> None:
    _say(f"round {turn + 1}: {name}")
    measured = _in_own_process("serve", name, folder)
    if isinstance(measured, str):
        result["failed"] = measured
    else:
        result["rounds"].append(measured)
        plain = measured["workloads"]["plain"]
        _say(f"    p50 {plain['p50']:.2f} ms, {plain['qps_1']:.0f} q/s, recall {measured['recall']['plain']:.3f}")


def _in_own_process(step: str, name: str, folder: Path) -> dict[str, Any] | str:
    """What was measured, or why nothing was."""
    output = folder / f"{name}.{step}.json"
    output.unlink(missing_ok=True)
    command = [sys.executable, "-m", "bench.measure", step, name, str(folder), str(output)]
    environment = {**os.environ, **QUIET, **(SERVING if step == "serve" else {})}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not output.exists():
        reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        _say(f"    {name} failed: {reason}")
        return reason
    return _read(output)


def _installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def _machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "processor": _processor(), "python": platform.python_version()}


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
