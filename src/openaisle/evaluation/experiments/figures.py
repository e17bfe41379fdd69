"""How the figures of an analysis are written."""

from __future__ import annotations

import math

from openaisle.evaluation.experiments.analysis import Analysis
from openaisle.evaluation.statistics import Estimate

_INFERENCE = {"fixed": "one look at a size fixed in advance", "sequential": "valid at every look"}
_CORRECTION = {"holm": "Holm", "bh": "Benjamini-Hochberg", "none": "none"}


def range_of(estimate: Estimate) -> str:
    if not math.isfinite(estimate.low):
        return f"{estimate.mean:+.4g} [too few units]"
    return f"{estimate.mean:+.4g} [{estimate.low:+.4g}, {estimate.high:+.4g}]"


def lift(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    return f"{estimate.mean:+.1%} [{estimate.low:+.1%}, {estimate.high:+.1%}]"


def p_value(value: float) -> str:
    return f"{value:.4f}" if value >= 0.0001 else "< 0.0001"


def summary(analysis: Analysis) -> str:
    """What was analysed and how, in one line."""
    experiment = analysis.experiment
    return (
        f"{sum(analysis.units.values()):,} units against {experiment.baseline}; {1 - experiment.alpha:.0%} intervals, "
        f"{_INFERENCE[analysis.inference]}; p corrected by: {_CORRECTION[experiment.correction]}."
    )
