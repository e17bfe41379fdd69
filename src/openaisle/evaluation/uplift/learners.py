"""Models of the effect on each unit, from any regression of scikit-learn's form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from openaisle.evaluation.scikit import require_scikit_learn
from openaisle.evaluation.table import Numbers
from openaisle.evaluation.uplift.trial import Trial


class Regressor(Protocol):
    def fit(self, features: Any, targets: Any) -> Any: ...

    def predict(self, features: Any) -> Any: ...


Make = Callable[[], Regressor]
Models = TypeVar("Models", bound="tuple[Regressor, ...]")


class Learner(Protocol):
    def fit(self, trial: Trial) -> None: ...

    def predict(self, features: Numbers) -> Numbers:
        """The effect expected on each unit, in units of the outcome, shape (n)."""
        ...


def usual_regressor() -> Regressor:
    """Boosted trees, small and slow to believe: effects are faint beside outcomes. Raises `MissingExtra`."""
    require_scikit_learn()
    from sklearn.ensemble import HistGradientBoostingRegressor

    made: Regressor = HistGradientBoostingRegressor(
        learning_rate=0.05, max_iter=80, max_leaf_nodes=8, min_samples_leaf=100, l2_regularization=10.0, random_state=0
    )
    return made


@dataclass(slots=True)
class TLearner:
    """Two models, one of each side; the effect is their difference."""

    make: Make = usual_regressor
    _models: tuple[Regressor, Regressor] | None = field(default=None, init=False)

    def fit(self, trial: Trial) -> None:
        self._models = _sides(self.make, trial)

    def predict(self, features: Numbers) -> Numbers:
        control, treated = _fitted(self._models)
        return _foretold(treated, features) - _foretold(control, features)


@dataclass(slots=True)
class XLearner:
    """Each side's outcomes less what the other side's model foretells, learned in turn (Künzel et al., 2019)."""

    make: Make = usual_regressor
    _models: tuple[Regressor, Regressor] | None = field(default=None, init=False)
    _share: float = field(default=0.5, init=False)

    def fit(self, trial: Trial) -> None:
        control, treated = _sides(self.make, trial)
        side = trial.treated
        gained = trial.outcomes[side] - _foretold(control, trial.features[side])
        missed = _foretold(treated, trial.features[~side]) - trial.outcomes[~side]
        self._models = (_fit(self.make, trial.features[~side], missed), _fit(self.make, trial.features[side], gained))
        self._share = trial.share

    def predict(self, features: Numbers) -> Numbers:
        missed, gained = _fitted(self._models)
        return self._share * _foretold(missed, features) + (1 - self._share) * _foretold(gained, features)


@dataclass(slots=True)
class DRLearner:
    """A model of each unit's doubly robust effect, made by models of other units (Kennedy, 2020)."""

    make: Make = usual_regressor
    folds: int = 5
    seed: int = 0
    _models: tuple[Regressor, ...] | None = field(default=None, init=False)

    def fit(self, trial: Trial) -> None:
        self._models = (_fit(self.make, trial.features, pseudo_effects(trial, self.make, self.folds, self.seed)),)

    def predict(self, features: Numbers) -> Numbers:
        (model,) = _fitted(self._models)
        return _foretold(model, features)


def pseudo_effects(trial: Trial, make: Make = usual_regressor, folds: int = 5, seed: int = 0) -> Numbers:
    """For each unit a number whose mean, given its features, is the effect, whatever the models (shape n).

    The augmented inverse probability weighting of Robins, Rotnitzky and Zhao (1994), with the known probability of
    the treatment and outcome models fitted on the other folds.
    """
    fold = stratified_folds(trial.treated, folds, seed)
    effects = np.empty(len(trial))
    for number in range(folds):
        held = np.flatnonzero(fold == number)
        control, treated = _sides(make, trial.at(np.flatnonzero(fold != number)))
        part = trial.at(held)
        without, with_ = _foretold(control, part.features), _foretold(treated, part.features)
        weights = np.where(part.treated, 1 / trial.share, -1 / (1 - trial.share))
        effects[held] = with_ - without + weights * (part.outcomes - np.where(part.treated, with_, without))
    return effects


def stratified_folds(treated: NDArray[np.bool_], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each unit, drawn by the seed, with both sides in every fold."""
    generator = np.random.default_rng(seed)
    fold = np.empty(treated.size, dtype=np.int64)
    for side in (treated, ~treated):
        rows = generator.permutation(np.flatnonzero(side))
        fold[rows] = np.arange(rows.size) % folds
    return fold


def _sides(make: Make, trial: Trial) -> tuple[Regressor, Regressor]:
    """Models of the outcome without and with the treatment."""
    control, treated = (
        _fit(make, trial.features[side], trial.outcomes[side]) for side in (~trial.treated, trial.treated)
    )
    return control, treated


def _fit(make: Make, features: Numbers, targets: Numbers) -> Regressor:
    model = make()
    model.fit(features, targets)
    return model


def _foretold(model: Regressor, features: Numbers) -> Numbers:
    return np.asarray(model.predict(features), dtype=np.float64)


def _fitted(models: Models | None) -> Models:
    if models is None:
        raise ValueError("the learner has not been fitted")
    return models
