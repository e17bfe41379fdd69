"""How good search is: judgments, metrics with intervals, significance, wins and losses, and readable reports.

The room knows no shop: whatever answers a query with ranked product ids can be measured, now or from a saved run.
"""

from openaisle.evaluation.comparison import Comparison, QueryChange
from openaisle.evaluation.evaluate import RANDOM, Progress, Search, evaluate
from openaisle.evaluation.judgments import Judgments, read_judgments
from openaisle.evaluation.metrics import DEFAULT_METRICS, metric
from openaisle.evaluation.report import ModeReport, Report
from openaisle.evaluation.run import Hit, Run, read_run
from openaisle.evaluation.statistics import Estimate, bootstrap, randomization_test

__all__ = [
    "DEFAULT_METRICS",
    "RANDOM",
    "Comparison",
    "Estimate",
    "Hit",
    "Judgments",
    "ModeReport",
    "Progress",
    "QueryChange",
    "Report",
    "Run",
    "Search",
    "bootstrap",
    "evaluate",
    "metric",
    "randomization_test",
    "read_judgments",
    "read_run",
]
