"""A report: what each mode of search scored on the judgments, per query and on the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from openaisle.errors import RunError
from openaisle.evaluation.comparison import Comparison, compare
from openaisle.evaluation.judgments import Judgments
from openaisle.evaluation.metrics import DEFAULT_METRICS, metric
from openaisle.evaluation.run import Run
from openaisle.evaluation.statistics import Estimate, bootstrap


@dataclass(frozen=True, slots=True)
class ModeReport:
    """`values[metric][query]` for each answerable query, and their means with intervals."""

    run: Run
    values: Mapping[str, Mapping[str, float]]
    estimates: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Report:
    """`queries` counts all judged queries; those with no gain above 0 (`left_out` of them) enter no metric."""

    judgments: Judgments
    metrics: tuple[str, ...]
    modes: Mapping[str, ModeReport]
    comparisons: tuple[Comparison, ...] = ()

    @classmethod
    def of(cls, judgments: Judgments, runs: Mapping[str, Run], metrics: Sequence[str] = DEFAULT_METRICS) -> Self:
        """The runs (by mode) measured on the judgments."""
        modes = {mode: measure(run, judgments, metrics) for mode, run in runs.items()}
        return cls(judgments, tuple(metrics), modes)

    @property
    def queries(self) -> int:
        return len(self.judgments)

    @property
    def left_out(self) -> int:
        return self.queries - len(self.judgments.answerable)

    def against(self, saved: Run, mode: str) -> Self:
        """The report with `mode` compared with a saved run, by each metric; what that run did not find counts 0."""
        if saved.rankings.keys().isdisjoint(self.judgments.answerable):
            raise RunError(f"The saved run {saved.name!r} answers none of these queries.", "Compare runs of one file.")
        before = measure(saved, self.judgments, self.metrics)
        return self._compared(f"saved {saved.name}", before, mode)

    def between(self, before: str, after: str) -> Self:
        """The report with two of its own modes compared, by each metric."""
        return self._compared(before, self.modes[before], after)

    def as_dict(self) -> dict[str, Any]:
        """The promised JSON: `queries`, `modes` → metric → mean, low, high; then what is more."""
        return {
            "queries": self.queries,
            "modes": {
                mode: {name: estimate.as_dict() for name, estimate in measured.estimates.items()}
                for mode, measured in self.modes.items()
            },
            "left_out": self.left_out,
            "comparisons": [comparison.as_dict() for comparison in self.comparisons],
        }

    def _compared(self, name: str, before: ModeReport, mode: str) -> Self:
        after = self.modes[mode]
        new = (compare(name, mode, each, before.values[each], after.values[each]) for each in self.metrics)
        return replace(self, comparisons=(*self.comparisons, *new))


def measure(run: Run, judgments: Judgments, metrics: Sequence[str]) -> ModeReport:
    """One run by each metric, on every answerable query; a query the run lacks found nothing."""
    ranked = {query: run.ranked(query) for query in judgments.answerable}
    values: dict[str, dict[str, float]] = {}
    for name in metrics:
        function = metric(name)
        values[name] = {query: function(products, judgments.gains[query]) for query, products in ranked.items()}
    estimates = {name: bootstrap(np.fromiter(each.values(), dtype=np.float64)) for name, each in values.items()}
    return ModeReport(run, values, estimates)
