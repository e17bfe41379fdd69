"""The log of a policy's decisions, and the policy that one would rather have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ExperimentError

Values = NDArray[np.float64]
"""One value per decision, or more with another dimension."""
Places = NDArray[np.int64]

_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Decisions:
    """Shapes: `rewards`, `propensities` and `actions` (n), `context` (n, features; none if there are no features).

    `propensities` are the probabilities, above 0 and at most 1, with which the logging policy took the action that it
    took; `actions` are places in `names`.
    """

    rewards: Values
    propensities: Values
    actions: Places
    names: tuple[str, ...]
    context: Values

    def __post_init__(self) -> None:
        refuse_propensities(self.propensities)
        if not np.isfinite(self.rewards).all() or not np.isfinite(self.context).all():
            raise ExperimentError("A reward or a feature is no finite number.", "Leave the decision out.")

    def __len__(self) -> int:
        return int(self.rewards.size)


@dataclass(frozen=True, slots=True)
class TargetPolicy:
    """`table` (distributions, actions) sums to 1 in every row; `rows` (n) says which row belongs to which decision."""

    table: Values
    rows: Places

    def __post_init__(self) -> None:
        if not np.isfinite(self.table).all() or (self.table < 0).any():
            raise ExperimentError("A probability of the target policy is less than 0 or no number.", "Correct it.")
        sums = self.table.sum(axis=1)
        if (np.abs(sums - 1) > _TOLERANCE).any():
            worst = float(sums[np.abs(sums - 1).argmax()])
            raise ExperimentError(
                f"The target policy's probabilities sum to {worst:.4f}.", "Give a probability for every action."
            )

    def of_logged(self, decisions: Decisions) -> Values:
        """The probability of each action that was taken, shape (n)."""
        return self.table[self.rows, decisions.actions]


def uniform(decisions: Decisions) -> TargetPolicy:
    """The policy that takes any action of the log with one probability."""
    count = len(decisions.names)
    return TargetPolicy(np.full((1, count), 1 / count), np.zeros(len(decisions), dtype=np.int64))


def refuse_propensities(propensities: Values) -> None:
    """Raises `ExperimentError` where one is not a probability above 0."""
    bad = ~((propensities > 0) & (propensities <= 1))
    if bad.any():
        raise ExperimentError(
            f"Decision {int(bad.argmax()) + 1} has the propensity {propensities[bad.argmax()]:g}.",
            "A propensity is the probability of the action that was taken: above 0, at most 1.",
        )
