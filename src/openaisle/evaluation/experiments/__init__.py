"""Controlled experiments: who sees what, whether the sample is sound, and what a variant changes and how surely.

The room owns the definition (a TOML file), the hash that assigns units, exposures as values, the analysis at one look
or at any, its corrections and the planning of sizes. It stores nothing: outcomes come as columns.
"""

from openaisle.evaluation.experiments.analysis import Analysis, Effect, Look, analyse, effect_of, looks
from openaisle.evaluation.experiments.arms import Arm, controlled, mean_arm, ratio_arm
from openaisle.evaluation.experiments.bucketing import Bucketing
from openaisle.evaluation.experiments.correction import benjamini_hochberg, holm
from openaisle.evaluation.experiments.definition import Experiment, Metric, experiment_of, read_experiment
from openaisle.evaluation.experiments.exposure import Exposed, Exposure, expose, exposed
from openaisle.evaluation.experiments.inference import AlwaysValid, FixedHorizon, Inference
from openaisle.evaluation.experiments.outcomes import Outcomes, read_outcomes, read_undefined
from openaisle.evaluation.experiments.power import Design, rate_deviation
from openaisle.evaluation.experiments.sample_ratio import SampleRatio, sample_ratio

__all__ = [
    "AlwaysValid",
    "Analysis",
    "Arm",
    "Bucketing",
    "Design",
    "Effect",
    "Experiment",
    "Exposed",
    "Exposure",
    "FixedHorizon",
    "Inference",
    "Look",
    "Metric",
    "Outcomes",
    "SampleRatio",
    "analyse",
    "benjamini_hochberg",
    "controlled",
    "effect_of",
    "experiment_of",
    "expose",
    "exposed",
    "holm",
    "looks",
    "mean_arm",
    "rate_deviation",
    "ratio_arm",
    "read_experiment",
    "read_outcomes",
    "read_undefined",
    "sample_ratio",
]
