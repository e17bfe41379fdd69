"""One metric in one variant: its estimate, and how much each unit pulls at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ExperimentError

Values = NDArray[np.float64]
"""One value per unit."""


@dataclass(frozen=True, slots=True)
class Arm:
    """`influence` holds, per unit, the first-order change of the estimate times the number of units; its mean is 0."""

    estimate: float
    influence: Values

    @property
    def units(self) -> int:
        return int(self.influence.size)

    @property
    def variance(self) -> float:
        """Of the estimate."""
        return float(self.influence @ self.influence) / (self.units - 1) / self.units if self.units > 1 else 0.0


def mean_arm(values: Values) -> Arm:
    mean = float(values.mean())
    return Arm(mean, values - mean)


def ratio_arm(numerators: Values, denominators: Values) -> Arm:
    """The ratio of two sums over units, by the delta method (Deng, Knoblich and Lu, 2018)."""
    whole = float(denominators.mean())
    if whole <= 0:
        raise ExperimentError("The denominators of a ratio sum to nothing.", "Check the column that `per` names.")
    ratio = float(numerators.mean()) / whole
    return Arm(ratio, (numerators - ratio * denominators) / whole)


def controlled(arms: Sequence[Arm], covariates: Sequence[Values]) -> list[Arm]:
    """The arms with what a covariate foretells taken out: CUPED (Deng, Xu, Kohavi and Walker, 2013).

    The coefficient is pooled within the arms, so that the treatment's effect does not enter it; a unit without the
    covariate (NaN) counts as an average one. Ratios are adjusted in their linear form (Budylin et al., 2018).
    """
    known = np.concatenate(covariates)
    average = float(np.nanmean(known)) if np.isfinite(known).any() else 0.0
    filled = [np.where(np.isnan(each), average, each) for each in covariates]
    centred = [each - each.mean() for each in filled]
    spread = sum(float(each @ each) for each in centred)
    if spread == 0:
        return list(arms)
    theta = sum(float(arm.influence @ each) for arm, each in zip(arms, centred, strict=True)) / spread
    overall = float(np.concatenate(filled).mean())
    return [
        Arm(arm.estimate - theta * (float(each.mean()) - overall), arm.influence - theta * apart)
        for arm, each, apart in zip(arms, filled, centred, strict=True)
    ]


def variance_removed(before: Mapping[str, Arm], after: Mapping[str, Arm]) -> float:
    """The share of the variance, summed over the arms, that the adjustment took away."""
    whole = sum(arm.variance for arm in before.values())
    return 1 - sum(arm.variance for arm in after.values()) / whole if whole > 0 else 0.0
