"""The value of another policy from logged decisions: four estimators, each as terms of which the interval is made.

`weights` are the target policy's probabilities of the actions taken over their propensities, shape (n).
"""

from __future__ import annotations

import numpy as np

from openaisle.evaluation.off_policy.decisions import Values
from openaisle.evaluation.off_policy.reward_model import Predicted
from openaisle.evaluation.off_policy.terms import Terms


def ips(rewards: Values, weights: Values) -> Terms:
    """Inverse propensity scoring (Horvitz and Thompson, 1952): unbiased, and wide where weights are large."""
    return Terms(weights * rewards, np.ones_like(rewards))


def snips(rewards: Values, weights: Values) -> Terms:
    """Self-normalised (Swaminathan and Joachims, 2015): consistent, and steadier where weights vary."""
    return Terms(weights * rewards, weights)


def direct_method(predicted: Predicted) -> Terms:
    """What a reward model foretells: as good as the model, and its interval knows nothing of the model's faults."""
    return Terms(predicted.expected, np.ones_like(predicted.expected))


def doubly_robust(rewards: Values, weights: Values, predicted: Predicted) -> Terms:
    """The model's foretelling, corrected by weighted residuals (Dudík, Langford and Li, 2011).

    With known propensities it is unbiased whatever the model, which is fitted on other decisions (cross-fitting).
    """
    return Terms(predicted.expected + weights * (rewards - predicted.logged), np.ones_like(rewards))
