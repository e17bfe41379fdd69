"""The average effect of a treatment, plainly and with outcome models that take out chance."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from openaisle.evaluation.experiments.analysis import effect_of
from openaisle.evaluation.experiments.arms import mean_arm
from openaisle.evaluation.experiments.inference import FixedHorizon
from openaisle.evaluation.statistics import Estimate
from openaisle.evaluation.table import Numbers
from openaisle.evaluation.uplift.learners import Make, pseudo_effects, usual_regressor
from openaisle.evaluation.uplift.trial import Trial

_CERTAINTY = 1.959964


@dataclass(frozen=True, slots=True)
class AverageEffect:
    """`effect` is the mean of the treated less that of the control, with its 95 % interval and p-value."""

    treated_units: int
    control_units: int
    treated_mean: float
    control_mean: float
    effect: Estimate
    p_value: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def average_effect(trial: Trial) -> AverageEffect:
    """The difference of means."""
    control, treated = (mean_arm(trial.outcomes[side]) for side in (~trial.treated, trial.treated))
    found = effect_of(control, treated, FixedHorizon())
    return AverageEffect(
        treated.units, control.units, treated.estimate, control.estimate, found.difference, found.p_value
    )


def adjusted_effect(trial: Trial, make: Make = usual_regressor, folds: int = 5, seed: int = 0) -> Estimate:
    """The mean of the cross-fitted doubly robust effects: the same effect with less chance in it."""
    return mean_of(pseudo_effects(trial, make, folds, seed))


def mean_of(effects: Numbers) -> Estimate:
    mean = float(effects.mean())
    half = _CERTAINTY * float(effects.std(ddof=1)) / math.sqrt(effects.size)
    return Estimate(mean, mean - half, mean + half)
