"""All estimates of a target policy's value, with intervals and diagnostics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from openaisle.errors import ExperimentError
from openaisle.evaluation.off_policy.decisions import Decisions, TargetPolicy, Values, refuse_propensities
from openaisle.evaluation.off_policy.estimators import direct_method, doubly_robust, ips, snips
from openaisle.evaluation.off_policy.intervals import Interval, Normal
from openaisle.evaluation.off_policy.overlap import Overlap, overlap, unseen_share
from openaisle.evaluation.off_policy.reward_model import RewardModel, predicted
from openaisle.evaluation.off_policy.terms import Terms
from openaisle.evaluation.statistics import Estimate


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """`value`: mean reward per decision of the target policy; `gain`: the same less that of the logged policy."""

    value: Estimate
    gain: Estimate


@dataclass(frozen=True, slots=True)
class OffPolicy:
    """`logged` is what the logging policy earned; `estimates` by the estimator's name (ips, snips, dm, dr)."""

    logged: Estimate
    estimates: Mapping[str, PolicyValue]
    overlap: Overlap
    notices: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "decisions": self.overlap.decisions,
            "logged": self.logged.as_dict(),
            "estimates": {name: asdict(each) for name, each in self.estimates.items()},
            "overlap": self.overlap.as_dict(),
            "notices": list(self.notices),
        }


def evaluate_logged(
    rewards: Values, propensities: Values, target: Values, interval: Interval | None = None
) -> OffPolicy:
    """IPS and SNIPS, for which the target policy's probabilities of the actions taken are enough. All shapes (n)."""
    refuse_propensities(propensities)
    if not ((target >= 0) & (target <= 1)).all():
        raise ExperimentError("A target probability is not between 0 and 1.", "Correct the column target.")
    return _reported(rewards, target / propensities, {}, None, interval or Normal())


def evaluate(
    decisions: Decisions,
    target: TargetPolicy,
    interval: Interval | None = None,
    *,
    make: Callable[[], RewardModel] | None = None,
    folds: int = 3,
    seed: int = 0,
) -> OffPolicy:
    """IPS, SNIPS, the direct method and DR; `make` creates the reward model. Raises `MissingExtra`."""
    weights = target.of_logged(decisions) / decisions.propensities
    foretold = predicted(decisions, target, make, folds=folds, seed=seed)
    further = {"dm": direct_method(foretold), "dr": doubly_robust(decisions.rewards, weights, foretold)}
    return _reported(decisions.rewards, weights, further, unseen_share(decisions, target), interval or Normal())


def _reported(
    rewards: Values, weights: Values, further: Mapping[str, Terms], unseen: float | None, interval: Interval
) -> OffPolicy:
    every = {"ips": ips(rewards, weights), "snips": snips(rewards, weights), **further}
    found = overlap(weights, unseen)
    logged, _ = interval.of(Terms(rewards, np.ones_like(rewards)), rewards)
    estimates = {name: PolicyValue(*interval.of(terms, rewards)) for name, terms in every.items()}
    return OffPolicy(logged, estimates, found, tuple(found.notices()))
