"""Which of the varied keys matter."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna import Study

_FEWEST = 4
"""Complete trials below which nothing can be told."""


def importance(study: Study, seed: int) -> dict[str, float]:
    """Each key's share of the metric's variance, by functional analysis of variance over a random forest (Hutter et
    al., 2014); the shares add up to 1, largest first. Empty where there are too few trials, or all gave the same."""
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    values = {trial.value for trial in study.trials if trial.state.name == "COMPLETE"}
    complete = sum(trial.state.name == "COMPLETE" for trial in study.trials)
    if complete < _FEWEST or len(values) < 2:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # notes of scikit-learn and Optuna on small studies
        shares = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=seed % 2**32))
    return {key: round(float(share), 4) for key, share in shares.items()}
