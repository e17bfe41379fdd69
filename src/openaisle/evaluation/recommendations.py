"""How good recommendations are: hit rate, reciprocal rank, recall at 20, with intervals over shoppers or sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import TooFewEvents
from openaisle.evaluation.statistics import Estimate
from openaisle.recommend.measuring import BLEND, Measured, measure
from openaisle.recommend.protocol import Recommender
from openaisle.recommend.service import RecommendationService, Tell
from openaisle.recommend.splits import Case, next_basket_cases, next_product_cases
from openaisle.recommend.training import Training

METRICS = {"hr@20": "hit", "mrr@20": "reciprocal", "recall@20": "recall"}
_RESAMPLES = 1_000
_SEED = 20_240_229


def over_units(values: NDArray[np.float64], unit: NDArray[np.int64]) -> Estimate:
    """The mean over cases with its percentile bootstrap interval over units: cases of one session, or of one shopper,
    are drawn together (cluster bootstrap, Davison and Hinkley, 1997)."""
    if len(values) == 0:
        return Estimate(0.0, 0.0, 0.0)
    _, owner = np.unique(unit, return_inverse=True)
    sums, counts = np.bincount(owner, values), np.bincount(owner).astype(np.float64)
    generator = np.random.default_rng(_SEED)
    means = []
    for _ in range(_RESAMPLES):
        drawn = generator.integers(0, len(sums), len(sums))
        means.append(sums[drawn].sum() / counts[drawn].sum())
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(float(values.mean()), float(low), float(high))


def figures(measured: Mapping[str, Measured]) -> dict[str, Any]:
    """By method and metric, and the blend against the best single method of each metric."""
    methods = {
        name: {metric: over_units(getattr(each, column), each.unit).as_dict() for metric, column in METRICS.items()}
        for name, each in measured.items()
    }
    return {"methods": methods, "blend_over_best": _over_best(measured)}


def _over_best(measured: Mapping[str, Measured]) -> dict[str, Any]:
    singles = [name for name in measured if name != BLEND]
    if BLEND not in measured or not singles:
        return {}
    answers = {}
    for metric, column in METRICS.items():
        best = max(singles, key=_mean_of(measured, column))
        gain = getattr(measured[BLEND], column) - getattr(measured[best], column)
        answers[metric] = {"best": best, **over_units(gain, measured[BLEND].unit).as_dict()}
    return answers


def _mean_of(measured: Mapping[str, Measured], column: str) -> Callable[[str], float]:
    def mean(name: str) -> float:
        values: NDArray[np.float64] = getattr(measured[name], column)
        return float(values.mean()) if len(values) else 0.0

    return mean


def compared(
    service: RecommendationService, held_out: float, most: int, tell: Tell, sequential: Recommender | None = None
) -> dict[str, Any]:
    """All methods of a shop and the blend on the newest `held_out` share of its sessions, from which nothing was
    learnt: the next product of a session, and the next basket of a shopper. At most `most` cases of each.

    Raises `TooFewEvents`.
    """
    past, future, shelf, methods = service.rehearsal(held_out, tell, sequential)
    tasks = {
        "next product": list(next_product_cases(future, past)),
        "next basket": list(next_basket_cases(future, past)),
    }
    if not any(tasks.values()):
        raise TooFewEvents(
            f"{len(past)} events before and {len(future)} after the split give nothing to ask about.",
            "Collect more events, or hold out a larger share.",
        )
    training = Training(methods, tell=lambda stage: tell(stage, 0, None))
    knowledge, ranker = training.fit(past, shelf)
    tell("asking", 0, None)
    answers = {
        name: {"cases": len(chosen), **figures(measure(chosen, knowledge, ranker))}
        for name, cases in tasks.items()
        if (chosen := _drawn(cases, most))
    }
    return {"events": {"past": len(past), "future": len(future)}, "tasks": answers}


def _drawn(cases: Sequence[Case], most: int) -> Sequence[Case]:
    if len(cases) <= most:
        return cases
    chosen = np.random.default_rng(_SEED).choice(len(cases), most, replace=False)
    return [cases[place] for place in np.sort(chosen)]
