"""The tuning: trial after trial until there are enough or time is up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openaisle.errors import RecipeError, TrainingError
from openaisle.learning.recipe import Recipe, recipe_of
from openaisle.learning.tuning.importance import importance
from openaisle.learning.tuning.space import Dimension, Values, dimensions_of, varied
from openaisle.learning.tuning.study import ask, digest_of, fail, failure_of, finished, is_written, open_study
from openaisle.learning.tuning.trials import Finished, State, Tuned
from openaisle.models.registry.direction import higher_is_better

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

Watch = Callable[[float], None]
"""Told the validation metric at each validation, in order; ends a trial that falls behind by raising."""
Objective = Callable[[Recipe, int, Watch], float]
"""Trains by a recipe, as the trial of this number, and returns the validation metric of the best checkpoint."""
Tell = Callable[[str, int, int | None], None]

_STATES: Mapping[str, State] = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed"}
STAGE = "trials"


class Pruned(Exception):
    """The trial has fallen behind the median of the others at the same validation."""


def tune(
    stated: Mapping[str, Any],
    recipe_folder: Path,
    folder: Path,
    objective: Objective,
    *,
    trials: int,
    timeout: float | None = None,
    resume: bool = False,
    called: str = "The recipe",
    tell: Tell,
) -> Tuned:
    """Try `trials` settings of the recipe that is `stated` (paths relative to `recipe_folder`), the written one first.

    The study is kept in `folder`; with `resume` the trials already there count. After `timeout` seconds no further
    trial starts. A trial that diverges, runs out of memory or contradicts itself has failed, and the others go on.
    Values come from the tree-structured Parzen estimator (Bergstra et al., 2011), pruning follows the median (Golovin
    et al., 2017). Raises `RecipeError`, `TrainingError` when none completes, and what `objective` raises otherwise.
    """
    recipe = recipe_of(stated, recipe_folder, called)
    dimensions = dimensions_of(stated, recipe_folder, called)
    digest = digest_of(stated, dimensions)
    started = time.monotonic()
    with open_study(folder, recipe, dimensions, digest=digest, resume=resume) as study:
        while (done := len(finished(study))) < trials and (timeout is None or time.monotonic() - started < timeout):
            tell(STAGE, done, trials)
            trial, values = ask(study, recipe, dimensions)
            _try(study, trial, objective, partial(recipe_of, varied(stated, values), recipe_folder, called))
        tell(STAGE, done, trials)
        return _tuned(study, recipe, dimensions)


def _try(study: Study, trial: Trial, objective: Objective, recipe: Callable[[], Recipe]) -> None:
    from optuna.trial import TrialState

    if (known := _known(study, trial.params)) is not None:
        study.tell(trial, known)
        return
    try:
        value = objective(recipe(), trial.number, _watch(trial))
    except Pruned:
        study.tell(trial, state=TrialState.PRUNED)
    except (TrainingError, RecipeError) as error:
        fail(study, trial, error.detail)
    else:
        if isfinite(value):
            study.tell(trial, value)
        else:
            fail(study, trial, "The validation metric is not a number.")


def _known(study: Study, values: Values) -> float | None:
    """What the same values gave before: in a small space they come again, and seeds would give the same."""
    same = (each.value for each in study.trials if each.params == values and each.state.name == "COMPLETE")
    return next(same, None)


def _watch(trial: Trial) -> Watch:
    validations = 0

    def watch(value: float) -> None:
        nonlocal validations
        if isfinite(value):
            trial.report(value, validations)
        validations += 1
        if trial.should_prune():
            raise Pruned

    return watch


def _tuned(study: Study, recipe: Recipe, dimensions: tuple[Dimension, ...]) -> Tuned:
    trials = tuple(_finished(each, number) for number, each in enumerate(finished(study), start=1))
    complete = [each for each in trials if each.state == "complete"]
    if not complete:
        reasons = [each.failure for each in trials if each.failure]
        raise TrainingError(
            f"None of {len(trials)} trials completed{f'; the last said: {reasons[-1]}' if reasons else ''}.",
            "Train with the recipe alone first, then narrow its [tune.space].",
        )
    rising = higher_is_better(recipe.train.metric)
    best = max(complete, key=lambda each: ((each.value or 0.0) if rising else -(each.value or 0.0), -each.number))
    first = next((each.number for each in finished(study) if is_written(each)), None)
    written = next((t for t, each in zip(trials, finished(study), strict=True) if each.number == first), None)
    return Tuned(
        study.study_name, recipe.train.metric, rising, dimensions, trials, best, written, importance(study, recipe.seed)
    )


def _finished(trial: FrozenTrial, number: int) -> Finished:
    state = _STATES[trial.state.name]
    course = tuple(trial.intermediate_values[step] for step in sorted(trial.intermediate_values))
    value = trial.value if state == "complete" else course[-1] if course else None
    seconds = trial.duration.total_seconds() if trial.duration else 0.0
    return Finished(number, trial.params, state, value, course, round(seconds, 3), failure_of(trial))
