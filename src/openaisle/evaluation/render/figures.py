"""How figures are written in every rendering."""

from __future__ import annotations

from openaisle.evaluation.comparison import Comparison
from openaisle.evaluation.report import Report
from openaisle.evaluation.statistics import Estimate


def interval(estimate: Estimate) -> str:
    return f"{estimate.mean:.4f} [{estimate.low:.4f}, {estimate.high:.4f}]"


def signed(estimate: Estimate) -> str:
    return f"{estimate.mean:+.4f} [{estimate.low:+.4f}, {estimate.high:+.4f}]"


def verdict(comparison: Comparison) -> str:
    """Better, worse, or not to be told apart."""
    if not comparison.significant:
        return "no clear difference"
    return "better" if comparison.difference.mean > 0 else "worse"


def standing(comparison: Comparison) -> str:
    return f"{len(comparison.wins)} / {comparison.ties} / {len(comparison.losses)}"


def scope(report: Report) -> str:
    """What was measured, in one line."""
    left_out = f", {report.left_out} of them left out (nothing relevant is judged)" if report.left_out else ""
    return f"{report.queries} queries{left_out}; means with 95 % bootstrap intervals."
