"""Off-policy evaluation: what another policy would have earned, from a log of decisions and their probabilities.

The room owns the log as columns, the target policy, the estimators (IPS, SNIPS, direct method, doubly robust) with
their intervals, and the diagnostics that say how far they can be believed. A reward model needs scikit-learn (extra
`behaviour`); the weighted estimates do not.
"""

from openaisle.evaluation.off_policy.decisions import Decisions, TargetPolicy, uniform
from openaisle.evaluation.off_policy.estimators import direct_method, doubly_robust, ips, snips
from openaisle.evaluation.off_policy.evaluate import OffPolicy, PolicyValue, evaluate, evaluate_logged
from openaisle.evaluation.off_policy.intervals import Bootstrap, Interval, Normal
from openaisle.evaluation.off_policy.overlap import Overlap, overlap
from openaisle.evaluation.off_policy.reading import decisions_in, logged_target_in, read_policy
from openaisle.evaluation.off_policy.reward_model import Predicted, RewardModel, predicted, usual_model
from openaisle.evaluation.off_policy.terms import Terms

__all__ = [
    "Bootstrap",
    "Decisions",
    "Interval",
    "Normal",
    "OffPolicy",
    "Overlap",
    "PolicyValue",
    "Predicted",
    "RewardModel",
    "TargetPolicy",
    "Terms",
    "decisions_in",
    "direct_method",
    "doubly_robust",
    "evaluate",
    "evaluate_logged",
    "ips",
    "logged_target_in",
    "overlap",
    "predicted",
    "read_policy",
    "snips",
    "uniform",
    "usual_model",
]
