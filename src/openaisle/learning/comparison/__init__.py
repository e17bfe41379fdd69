"""Before and after on the same test split: metrics with intervals and significance, slices, wins and losses, pictures,
one self-contained page, and the gate that keeps a worse model from being promoted. Knows predictions, not models: no
PyTorch here.
"""

from openaisle.learning.comparison.change import ExampleChange, MetricChange
from openaisle.learning.comparison.compare import ModelComparison, compare_models
from openaisle.learning.comparison.files import SavedComparison, read_comparison, write_report
from openaisle.learning.comparison.gate import GateDecision, gate
from openaisle.learning.comparison.history import History, history_of
from openaisle.learning.comparison.outcomes import Labelling, Outcomes, Prediction
from openaisle.learning.comparison.retrieval import catalogue_recall
from openaisle.learning.comparison.slices import SliceChange

__all__ = [
    "ExampleChange",
    "GateDecision",
    "History",
    "Labelling",
    "MetricChange",
    "ModelComparison",
    "Outcomes",
    "Prediction",
    "SavedComparison",
    "SliceChange",
    "catalogue_recall",
    "compare_models",
    "gate",
    "history_of",
    "read_comparison",
    "write_report",
]
