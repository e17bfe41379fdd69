"""Uplift: whom a treatment (a coupon, a mail, an ad) moves, learned from a trial that gave it by chance.

The room owns the trial as columns, the T-, X- and DR-learner, the average effect, the Qini curve with its coefficient
and interval, and uplift by decile. Learners need scikit-learn (extra `behaviour`).
"""

from openaisle.evaluation.uplift.average import AverageEffect, adjusted_effect, average_effect
from openaisle.evaluation.uplift.deciles import Decile, deciles
from openaisle.evaluation.uplift.evaluate import LEARNERS, Measured, Uplift, measure_uplift, score_new
from openaisle.evaluation.uplift.learners import DRLearner, Learner, Regressor, TLearner, XLearner, usual_regressor
from openaisle.evaluation.uplift.qini import Qini, qini
from openaisle.evaluation.uplift.trial import Trial, read_new, read_trials

__all__ = [
    "LEARNERS",
    "AverageEffect",
    "DRLearner",
    "Decile",
    "Learner",
    "Measured",
    "Qini",
    "Regressor",
    "TLearner",
    "Trial",
    "Uplift",
    "XLearner",
    "adjusted_effect",
    "average_effect",
    "deciles",
    "measure_uplift",
    "qini",
    "read_new",
    "read_trials",
    "score_new",
    "usual_regressor",
]
