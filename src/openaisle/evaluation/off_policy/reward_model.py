"""The reward that an action would bring in a context, learned from other decisions than those it foretells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from openaisle.errors import ExperimentError
from openaisle.evaluation.off_policy.decisions import Decisions, Places, TargetPolicy, Values
from openaisle.evaluation.scikit import require_scikit_learn

_PAIRS_AT_ONCE = 200_000
_MOST_CROSSED = 20_000
"""Features times actions up to which every action gets coefficients of its own."""


class RewardModel(Protocol):
    """`features` are a sparse matrix, one row a decision."""

    def fit(self, features: Any, rewards: Values) -> None: ...

    def predict(self, features: Any) -> Values: ...


@dataclass(frozen=True, slots=True)
class Predicted:
    """`logged`: of the action taken, `expected`: of the target policy's choice, each (n) and never fitted on itself."""

    logged: Values
    expected: Values


@dataclass(slots=True)
class Logistic:
    """The probability of a reward that is 0 or 1; `C` is scikit-learn's inverse of the penalty."""

    C: float = 1.0
    _model: Any = field(default=None, init=False)
    _rate: float = field(default=0.0, init=False)

    def fit(self, features: Any, rewards: Values) -> None:
        from sklearn.linear_model import LogisticRegression

        self._rate = float(rewards.mean())
        self._model = None
        if 0 < self._rate < 1:
            self._model = LogisticRegression(C=self.C, max_iter=500).fit(features, rewards.astype(np.int64))

    def predict(self, features: Any) -> Values:
        if self._model is None:
            return np.full(features.shape[0], self._rate)
        probabilities: Values = self._model.predict_proba(features)[:, 1]
        return probabilities


@dataclass(slots=True)
class Linear:
    """Any reward, by ridge regression."""

    penalty: float = 1.0
    _model: Any = field(default=None, init=False)

    def fit(self, features: Any, rewards: Values) -> None:
        from sklearn.linear_model import Ridge

        self._model = Ridge(alpha=self.penalty).fit(features, rewards)

    def predict(self, features: Any) -> Values:
        rewards: Values = self._model.predict(features)
        return rewards


def usual_model(rewards: Values) -> Callable[[], RewardModel]:
    """A logistic model where every reward is 0 or 1, else a linear one."""
    return Logistic if np.isin(rewards, (0.0, 1.0)).all() else Linear


def predicted(
    decisions: Decisions,
    target: TargetPolicy,
    make: Callable[[], RewardModel] | None = None,
    *,
    folds: int = 3,
    seed: int = 0,
) -> Predicted:
    """Foretellings by models that are each fitted on the other folds. Raises `MissingExtra` without scikit-learn."""
    require_scikit_learn()
    count = len(decisions)
    if not 2 <= folds <= count:
        raise ExperimentError(f"{count} decisions cannot be divided into {folds} folds.", "Log more decisions.")
    create = make or usual_model(decisions.rewards)
    fold = np.random.default_rng(seed).permutation(count) % folds
    logged, expected = np.empty(count), np.empty(count)
    for number in range(folds):
        held = np.flatnonzero(fold == number)
        others = np.flatnonzero(fold != number)
        model = create()
        model.fit(_features(decisions, others, decisions.actions[others]), decisions.rewards[others])
        logged[held] = model.predict(_features(decisions, held, decisions.actions[held]))
        for part in _parts(held, len(decisions.names)):
            expected[part] = _expected(model, decisions, target, part)
    return Predicted(logged, expected)


def _expected(model: RewardModel, decisions: Decisions, target: TargetPolicy, rows: Places) -> Values:
    actions = len(decisions.names)
    every = np.tile(np.arange(actions), rows.size)
    rewards = model.predict(_features(decisions, np.repeat(rows, actions), every)).reshape(rows.size, actions)
    expected: Values = (rewards * target.table[target.rows[rows]]).sum(axis=1)
    return expected


def _parts(rows: Places, actions: int) -> Iterator[Places]:
    most = max(1, _PAIRS_AT_ONCE // actions)
    for start in range(0, rows.size, most):
        yield rows[start : start + most]


def _features(decisions: Decisions, rows: Places, actions: Places) -> Any:
    """Context, action, and (where they are not too many) context by action, as a sparse matrix."""
    from scipy import sparse

    count, width = len(decisions.names), decisions.context.shape[1]
    taken = sparse.csr_matrix((np.ones(rows.size), actions, np.arange(rows.size + 1)), shape=(rows.size, count))
    if not width:
        return taken
    context = decisions.context[rows]
    blocks = [sparse.csr_matrix(context), taken]
    if width * count <= _MOST_CROSSED:
        places = (actions[:, None] * width + np.arange(width)).ravel()
        starts = np.arange(rows.size + 1) * width
        crossed = sparse.csr_matrix((context.ravel(), places, starts), shape=(rows.size, width * count))
        crossed.eliminate_zeros()
        blocks.append(crossed)
    return sparse.hstack(blocks, format="csr")
