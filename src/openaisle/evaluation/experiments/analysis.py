"""An experiment analysed: every treatment against the control by every metric, after a look at the sample itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from openaisle.evaluation.experiments.arms import Arm, controlled, mean_arm, ratio_arm, variance_removed
from openaisle.evaluation.experiments.correction import ADJUST
from openaisle.evaluation.experiments.definition import Experiment, Metric
from openaisle.evaluation.experiments.inference import Inference
from openaisle.evaluation.experiments.outcomes import Outcomes
from openaisle.evaluation.experiments.sample_ratio import SampleRatio, sample_ratio
from openaisle.evaluation.statistics import Estimate

_FEW = 100
_MOST_LOOKS = 1_000


@dataclass(frozen=True, slots=True)
class Effect:
    """`difference` is treatment less control, `lift` the same as a share of the control (None where that may be 0).

    `adjusted_p` is `p_value` corrected for all effects of the analysis; `verdict` is better, worse or unclear by it.
    `variance_removed` is the share of the variance that the covariate took away.
    """

    metric: str
    variant: str
    control: float
    treatment: float
    difference: Estimate
    lift: Estimate | None
    p_value: float
    adjusted_p: float
    variance_removed: float
    verdict: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Analysis:
    experiment: Experiment
    inference: str
    units: Mapping[str, int]
    sample_ratio: SampleRatio
    effects: tuple[Effect, ...]
    notices: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "experiment": self.experiment.name,
            "control": self.experiment.baseline,
            "inference": self.inference,
            "alpha": self.experiment.alpha,
            "correction": self.experiment.correction,
            "units": dict(self.units),
            "sample_ratio": self.sample_ratio.as_dict(),
            "effects": [effect.as_dict() for effect in self.effects],
            "notices": list(self.notices),
        }


@dataclass(frozen=True, slots=True)
class Look:
    """What would have been seen after the first `units`; `p_value` is the smallest so far, which is valid too."""

    units: int
    metric: str
    variant: str
    difference: Estimate
    p_value: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def analyse(experiment: Experiment, outcomes: Outcomes, inference: Inference) -> Analysis:
    """All effects at this moment, p-values corrected together."""
    effects = list(_effects(experiment, outcomes, inference))
    adjusted = ADJUST[experiment.correction]([effect.p_value for effect in effects])
    better = {metric.name: metric.better for metric in experiment.metrics}
    judged = tuple(
        replace(effect, adjusted_p=p, verdict=_verdict(effect, p, experiment.alpha, better[effect.metric]))
        for effect, p in zip(effects, adjusted, strict=True)
    )
    units = outcomes.counted()
    ratio = sample_ratio(units, experiment.variants)
    return Analysis(experiment, inference.name, units, ratio, judged, tuple(_notices(ratio)))


def looks(experiment: Experiment, outcomes: Outcomes, inference: Inference, count: int = 20) -> list[Look]:
    """The analysis repeated as the units arrived, `count` times at even distances; needs an always-valid inference."""
    told: list[Look] = []
    smallest: dict[tuple[str, str], float] = {}
    for number in range(1, min(count, _MOST_LOOKS) + 1):
        part = outcomes.until(len(outcomes) * number // count)
        if min(part.counted().values()) < 2:
            continue
        for effect in _effects(experiment, part, inference):
            key = (effect.metric, effect.variant)
            smallest[key] = min(smallest.get(key, 1.0), effect.p_value)
            told.append(Look(len(part), *key, effect.difference, smallest[key]))
    return told


def _effects(experiment: Experiment, outcomes: Outcomes, inference: Inference) -> Iterator[Effect]:
    """The effects before correction."""
    for metric in experiment.metrics:
        raw = _arms(metric, outcomes)
        arms = _controlled(metric, outcomes, raw)
        for variant in experiment.treatments:
            pair = (experiment.baseline, variant)
            removed = variance_removed({name: raw[name] for name in pair}, {name: arms[name] for name in pair})
            effect = effect_of(arms[experiment.baseline], arms[variant], inference)
            yield replace(effect, metric=metric.name, variant=variant, variance_removed=removed)


def effect_of(control: Arm, treatment: Arm, inference: Inference) -> Effect:
    """One treatment against its control, not corrected for others."""
    units, fewest = control.units + treatment.units, min(control.units, treatment.units)
    difference = treatment.estimate - control.estimate
    error = math.sqrt(control.variance + treatment.variance)
    reach = inference.reach(units, fewest)
    if error > 0:
        p_value = inference.p_value(difference / error, units, fewest)
    else:
        p_value = 1.0 if difference == 0 else inference.p_value(math.inf, units, fewest)
    return Effect(
        metric="",
        variant="",
        control=control.estimate,
        treatment=treatment.estimate,
        difference=_within(difference, error, reach),
        lift=_lift(control, treatment, reach),
        p_value=p_value,
        adjusted_p=p_value,
        variance_removed=0.0,
        verdict="unclear",
    )


def _arms(metric: Metric, outcomes: Outcomes) -> dict[str, Arm]:
    values = outcomes.columns[metric.column]
    arms: dict[str, Arm] = {}
    for place, name in enumerate(outcomes.names):
        rows = outcomes.variants == place
        arms[name] = (
            ratio_arm(values[rows], outcomes.columns[metric.per][rows]) if metric.per else mean_arm(values[rows])
        )
    return arms


def _controlled(metric: Metric, outcomes: Outcomes, arms: Mapping[str, Arm]) -> dict[str, Arm]:
    if not metric.covariate:
        return dict(arms)
    covariate = outcomes.columns[metric.covariate]
    parts = [covariate[outcomes.variants == place] for place in range(len(outcomes.names))]
    return dict(zip(outcomes.names, controlled([arms[name] for name in outcomes.names], parts), strict=True))


def _lift(control: Arm, treatment: Arm, reach: float) -> Estimate | None:
    """The relative difference by the delta method, where the control is surely not 0."""
    base = control.estimate
    if not abs(base) > reach * math.sqrt(control.variance):
        return None
    ratio = treatment.estimate / base
    error = math.sqrt(treatment.variance + ratio**2 * control.variance) / abs(base)
    return _within(ratio - 1, error, reach)


def _within(value: float, error: float, reach: float) -> Estimate:
    half = reach * error if math.isfinite(reach) else math.inf
    return Estimate(value, value - half, value + half)


def _verdict(effect: Effect, p_value: float, alpha: float, better: str) -> str:
    if p_value > alpha or effect.difference.mean == 0:
        return "unclear"
    return "better" if (effect.difference.mean > 0) == (better == "higher") else "worse"


def _notices(ratio: SampleRatio) -> Iterator[str]:
    if ratio.mismatch:
        yield (
            f"Sample ratio mismatch (p = {ratio.p_value:.2g}): the variants do not hold what their weights promise. "
            "Find out why before believing any effect."
        )
    few = [name for name, count in ratio.counted.items() if count < _FEW]
    if few:
        yield f"Fewer than {_FEW} units in {', '.join(few)}: intervals lean on large samples."
