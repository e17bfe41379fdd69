"""Logistic regression over hashed features that keeps what it does not know.

Each weight has a normal distribution of its own. Learning moves the means to the most likely weights given what was
known before and what was seen, and adds the information of what was seen to the precisions (the diagonal Laplace
approximation of Chapelle and Li, "An Empirical Evaluation of Thompson Sampling", 2011), so that learning from today's
clicks goes on from yesterday's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.ads.prediction.features import Rows, columns

Floats = NDArray[np.float64]

_PRIOR_PRECISION = 4.0
"""An ad nobody knows then has a rate within a factor of about ten, most likely."""
_STEPS = 400
_DONE = 1e-5
"""The largest step of a weight after which learning has arrived."""


@dataclass(frozen=True, slots=True)
class Views:
    """Showings that are alike, counted together: of `views[i]` showings of `rows[i]`, a share `examination[i]` was
    looked at, and `clicks[i]` were clicked."""

    rows: Rows
    views: Floats
    clicks: Floats
    examination: Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """Means and precisions (one over the variance) of a normal distribution a column."""

    mean: Floats
    precision: Floats

    @classmethod
    def unknown(cls, precision: float = _PRIOR_PRECISION) -> Weights:
        return cls(np.zeros(columns()), np.full(columns(), precision))

    def logits(self, rows: Rows) -> Floats:
        return np.asarray(self.mean[rows].sum(axis=1), np.float64)

    def deviations(self, rows: Rows) -> Floats:
        """Standard deviations of the logits, weights taken for independent."""
        return np.asarray(np.sqrt((1 / self.precision[rows]).sum(axis=1)), np.float64)

    def learnt(self, seen: Views) -> Weights:
        """The weights after what was seen, in which a view is clicked at `examination * sigmoid(logit)`.

        Accelerated descent (Nesterov) on the columns that occur, each scaled by its own curvature.
        """
        used, rows = np.unique(seen.rows, return_inverse=True)
        rows = rows.reshape(len(seen.rows), -1)
        before, precision = self.mean[used], self.precision[used]
        mean, ahead, momentum = before.copy(), before.copy(), 1.0
        for _ in range(_STEPS):
            rates = sigmoid(ahead[rows].sum(axis=1))
            gradient = _summed(rows, _slope(seen, rates), len(used)) - precision * (ahead - before)
            curvature = rows.shape[1] * _summed(rows, information(seen, rates), len(used)) + precision
            step = ahead + gradient / curvature
            if np.dot(step - mean, ahead - step) > 0:  # the momentum leads uphill: begin again
                momentum = 1.0
            following = (1 + np.sqrt(1 + 4 * momentum * momentum)) / 2
            ahead = step + (momentum - 1) / following * (step - mean)
            moved = float(np.abs(step - mean).max(initial=0.0))
            mean, momentum = step, following
            if moved < _DONE:
                break
        found = information(seen, sigmoid(mean[rows].sum(axis=1)))
        return self._with(used, mean, precision + _summed(rows, found, len(used)))

    def _with(self, used: NDArray[np.int32], mean: Floats, precision: Floats) -> Weights:
        means, precisions = self.mean.copy(), self.precision.copy()
        means[used], precisions[used] = mean, precision
        return Weights(means, precisions)


def sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -35, 35))), np.float64)


def information(seen: Views, rates: Floats) -> Floats:
    """What the views tell of their logits (Fisher's information of clicks at `examination * rate`)."""
    looked = seen.examination
    return np.asarray(seen.views * looked * rates * (1 - rates) ** 2 / (1 - looked * rates), np.float64)


def _slope(seen: Views, rates: Floats) -> Floats:
    """How fast the log-likelihood rises with each logit."""
    missed = (seen.views - seen.clicks) * seen.examination * rates / (1 - seen.examination * rates)
    return np.asarray((seen.clicks - missed) * (1 - rates), np.float64)


def _summed(rows: NDArray[np.intp], values: Floats, width: int) -> Floats:
    """The sum, a column, of the values of the rows that have it."""
    return np.asarray(np.bincount(rows.ravel(), np.repeat(values, rows.shape[1]), width), np.float64)
