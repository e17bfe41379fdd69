"""How far predicted rates are from what happened: the reliability table and the expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from openaisle.ads.prediction.logistic import Floats

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Bin:
    """Showings of like rates. `low` and `high` bound the true rate at 95 % (Wilson, 1927)."""

    views: int
    predicted: float
    observed: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Reliability:
    """`ece` is the mean distance of predicted from observed over all showings; `ratio` all clicks predicted over all
    there were; `log_loss` in nats a showing, and that of always saying the mean rate."""

    bins: tuple[Bin, ...]
    ece: float
    ratio: float
    log_loss: float
    log_loss_of_mean: float


def reliability(predicted: Floats, views: Floats, clicks: Floats, bins: int = 10) -> Reliability:
    """From showings in counts, in bins that hold as many views each as can be."""
    order = np.argsort(predicted, kind="stable")
    predicted, views, clicks = predicted[order], views[order], clicks[order]
    number = np.minimum((np.cumsum(views) - views / 2) / views.sum() * bins, bins - 1).astype(np.intp)
    table = tuple(
        _bin(predicted[own], views[own], clicks[own]) for own in (number == each for each in range(bins)) if own.any()
    )
    total = float(views.sum())
    ece = sum(each.views * abs(each.predicted - each.observed) for each in table) / total
    mean = np.full(len(views), clicks.sum() / total)
    ratio = float((predicted * views).sum() / clicks.sum()) if clicks.sum() else float("inf")
    return Reliability(table, ece, ratio, _log_loss(predicted, views, clicks), _log_loss(mean, views, clicks))


def _bin(predicted: Floats, views: Floats, clicks: Floats) -> Bin:
    total = float(views.sum())
    observed = float(clicks.sum()) / total
    middle, spread = observed + _Z * _Z / (2 * total), observed * (1 - observed) / total + (_Z / total / 2) ** 2
    scale = 1 + _Z * _Z / total
    return Bin(
        views=round(total),
        predicted=float((predicted * views).sum() / total),
        observed=observed,
        low=max(0.0, (middle - _Z * sqrt(spread)) / scale),
        high=min(1.0, (middle + _Z * sqrt(spread)) / scale),
    )


def _log_loss(predicted: Floats, views: Floats, clicks: Floats) -> float:
    bounded = np.clip(predicted, 1e-9, 1 - 1e-9)
    lost = clicks * np.log(bounded) + (views - clicks) * np.log(1 - bounded)
    return float(-lost.sum() / views.sum())
