"""Rates made believable: of showings with a rate of 3 %, 3 % are clicked."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from openaisle.ads.prediction.logistic import Floats, sigmoid
from openaisle.errors import MissingExtra

_SMALLEST = 1e-7
_ROUNDS = 50
_PRIOR = 1.0
"""Precision of the belief that rates need no change; it decides only where clicks are few."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising line through `rates` → `true_rates`, straight between them."""

    rates: Floats
    true_rates: Floats

    @classmethod
    def none(cls) -> Calibration:
        return cls(np.array([0.0, 1.0]), np.array([0.0, 1.0]))

    def applied(self, rates: Floats) -> Floats:
        return np.asarray(np.interp(rates, self.rates, self.true_rates), np.float64)


def platt(rates: Floats, views: Floats, clicks: Floats) -> Calibration:
    """A slope and an offset on logits (Platt, 1999), from counts that the rates were not learnt from."""
    logits = _logits(rates)
    offset, slope = 0.0, 1.0
    for _ in range(_ROUNDS):
        found = sigmoid(offset + slope * logits)
        slack, weight = clicks - views * found, views * found * (1 - found)
        gradient = np.array([slack.sum() - _PRIOR * offset, (slack * logits).sum() - _PRIOR * (slope - 1)])
        mixed = (weight * logits).sum()
        curvature = np.array([[weight.sum() + _PRIOR, mixed], [mixed, (weight * logits**2).sum() + _PRIOR]])
        step = np.linalg.solve(curvature, gradient)
        offset, slope = offset + float(step[0]), max(1e-3, slope + float(step[1]))
        if np.abs(step).max() < 1e-9:
            break
    grid = sigmoid(np.linspace(-16, 16, 1025))
    return Calibration(grid, sigmoid(offset + slope * _logits(grid)))


def isotonic(rates: Floats, views: Floats, clicks: Floats) -> Calibration:
    """Any rising line (isotonic regression), for many clicks. Raises `MissingExtra` without scikit-learn."""
    if find_spec("sklearn") is None:
        raise MissingExtra("scikit-learn is not installed.", 'Install it with: pip install "openaisle[behaviour]"')
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    model.fit(rates, clicks / views, sample_weight=views)
    return Calibration(np.asarray(model.X_thresholds_, np.float64), np.asarray(model.y_thresholds_, np.float64))


def _logits(rates: Floats) -> Floats:
    bounded = np.clip(rates, _SMALLEST, 1 - _SMALLEST)
    return np.asarray(np.log(bounded / (1 - bounded)), np.float64)
