"""Learners compared on a held-out part of a trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from openaisle.evaluation.statistics import Estimate
from openaisle.evaluation.table import Numbers
from openaisle.evaluation.uplift.average import AverageEffect, adjusted_effect, average_effect
from openaisle.evaluation.uplift.deciles import Decile, deciles
from openaisle.evaluation.uplift.learners import DRLearner, Learner, TLearner, XLearner
from openaisle.evaluation.uplift.qini import Qini, qini
from openaisle.evaluation.uplift.trial import Trial

LEARNERS: Mapping[str, Callable[[], Learner]] = {"t": TLearner, "x": XLearner, "dr": DRLearner}


@dataclass(frozen=True, slots=True)
class Measured:
    """A learner's order of the held-out units."""

    qini: Qini
    deciles: Sequence[Decile]


@dataclass(frozen=True, slots=True)
class Uplift:
    """`average` and `adjusted` are over the whole trial, `learners` on the `held_out` units that they never saw."""

    average: AverageEffect
    adjusted: Estimate
    learned_from: int
    held_out: int
    learners: Mapping[str, Measured]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure_uplift(
    trial: Trial, learners: Mapping[str, Callable[[], Learner]] = LEARNERS, held_out: float = 0.5, seed: int = 0
) -> Uplift:
    """Each learner is fitted on one part of the trial and measured on the other. Raises `MissingExtra`."""
    learned, measured = trial.split(held_out, seed)
    found = {}
    for name, make in learners.items():
        learner = make()
        learner.fit(learned)
        scores = learner.predict(measured.features)
        found[name] = Measured(qini(scores, measured), deciles(scores, measured))
    return Uplift(average_effect(trial), adjusted_effect(trial, seed=seed), len(learned), len(measured), found)


def score_new(trial: Trial, features: Numbers, learner: Learner) -> Numbers:
    """The effect expected on units outside the trial, by the learner fitted on all of it."""
    learner.fit(trial)
    return learner.predict(features)
