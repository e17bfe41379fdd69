"""A comparison on disk: report.html for people, report.json beside it for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from openaisle.errors import RunError, StorageError
from openaisle.learning.comparison.change import MetricChange
from openaisle.learning.comparison.compare import ModelComparison
from openaisle.learning.comparison.gate import GateDecision
from openaisle.learning.comparison.history import History
from openaisle.learning.comparison.html import as_html

HTML, JSON = "report.html", "report.json"
_FORMAT = "openaisle-comparison/1"
_LARGEST_FILE = 64 * 1024**2
_MEND = "Give the report.json that a training wrote."


@dataclass(frozen=True, slots=True)
class SavedComparison:
    """What a file tells of a comparison: enough for the gate and for tables, without the single examples."""

    task: str
    before: str
    after: str
    examples: int
    primary: str
    metrics: Mapping[str, MetricChange]


def write_report(
    comparison: ModelComparison,
    folder: Path,
    *,
    history: History | None = None,
    decision: GateDecision | None = None,
    facts: Mapping[str, str] | None = None,
) -> Path:
    """Write report.html and report.json into `folder`; returns the page's path. Raises `StorageError`."""
    html = as_html(comparison, history=history, decision=decision, facts=facts)
    saved: dict[str, Any] = {"format": _FORMAT, **comparison.as_dict()}
    if decision is not None:
        saved["gate"] = decision.as_dict()
    if history is not None:
        saved["history"] = history.as_dict()
    try:
        (folder / JSON).write_bytes(orjson.dumps(saved, option=orjson.OPT_INDENT_2))
        (folder / HTML).write_text(html, encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"The report cannot be written to {folder}: {error.strerror}.", "Make room or choose another folder."
        ) from error
    return folder / HTML


def read_comparison(path: Path) -> SavedComparison:
    """What `write_report` kept in report.json. Raises `RunError`."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise RunError(f"{path} is larger than 64 MiB.", _MEND)
        saved = orjson.loads(path.read_bytes())
        if saved["format"] != _FORMAT:
            raise RunError(f"{path} has the format {saved['format']!r}, not {_FORMAT!r}.", _MEND)
        metrics = {str(name): MetricChange.from_dict(str(name), each) for name, each in saved["metrics"].items()}
        task, before, after, primary = (str(saved[name]) for name in ("task", "before", "after", "primary"))
        return SavedComparison(task, before, after, int(saved["examples"]), primary, metrics)
    except OSError as error:
        raise RunError(f"{path} cannot be read: {error.strerror}.", _MEND) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError(f"{path} is not a saved comparison ({error}).", _MEND) from error
