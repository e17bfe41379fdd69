"""The model of a rate (clicks of showings, or orders of clicks): learnt, calibrated, kept in one file, asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaisle.ads.prediction.calibration import Calibration, platt
from openaisle.ads.prediction.examination import Look, examined, shares_of
from openaisle.ads.prediction.features import Rows, Shown, hashed, names_of
from openaisle.ads.prediction.logistic import Floats, Views, Weights, sigmoid
from openaisle.errors import ModelError

Calibrate = Callable[[Floats, Floats, Floats], Calibration]
"""Rates, views and clicks that the rates were not learnt from → how rates are to be read."""

_ROUNDS = 6
"""Weights and examination in turn; each depends on the other."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Showings that are alike, counted together: features, the place on the page, how many there were and how many of
    them were clicked (or, of clicks, ordered)."""

    rows: Rows
    places: NDArray[np.int64]
    views: Floats
    clicks: Floats

    @classmethod
    def of(cls, shown: Sequence[Shown], places: Sequence[int], clicked: Sequence[bool]) -> Counts:
        rows = hashed(names_of(each) for each in shown)
        keys = np.column_stack([rows.astype(np.int64), np.asarray(places, np.int64)])
        alike, number = np.unique(keys, axis=0, return_inverse=True)
        clicks = np.asarray(np.bincount(number.ravel(), np.asarray(clicked, np.float64), len(alike)), np.float64)
        views = np.bincount(number.ravel(), minlength=len(alike)).astype(np.float64)
        return cls(alike[:, :-1].astype(np.int32), alike[:, -1], views, clicks)


@dataclass(frozen=True, slots=True)
class RateModel:
    """`examination` tells how many shoppers look at each place against the first. Immutable."""

    weights: Weights = field(default_factory=Weights.unknown)
    examination: Mapping[int, Look] = field(default_factory=dict)
    calibration: Calibration = field(default_factory=Calibration.none)

    def learnt(self, counts: Counts) -> RateModel:
        """The model after further showings; what it was calibrated to is kept."""
        examination: Mapping[int, Look] = self.examination
        weights = self.weights
        for _ in range(_ROUNDS):
            shares = shares_of(counts.places, examination)
            weights = self.weights.learnt(Views(counts.rows, counts.views, counts.clicks, shares))
            rates = sigmoid(weights.logits(counts.rows))
            examination = examined(counts, counts.places, rates, self.examination)
        return replace(self, weights=weights, examination=examination)

    def calibrated(self, counts: Counts, calibrate: Calibrate = platt) -> RateModel:
        """The model with rates read as counts that it did not learn from say."""
        plain = replace(self, calibration=Calibration.none())
        return replace(self, calibration=calibrate(plain.expected(counts), counts.views, counts.clicks))

    def expected(self, counts: Counts) -> Floats:
        """The rate of each showing in its place."""
        return self.calibration.applied(
            shares_of(counts.places, self.examination) * sigmoid(self.weights.logits(counts.rows))
        )

    def rates(self, shown: Sequence[Shown]) -> Floats:
        """The rate of each ad in the first place: what it deserves, whatever place it gets."""
        return self.calibration.applied(sigmoid(self.weights.logits(hashed(map(names_of, shown)))))

    def sampled(self, shown: Sequence[Shown], chance: np.random.Generator) -> Floats:
        """Rates drawn from what is known of them (Thompson sampling): where that is little, they vary, and good ads
        that nobody knows yet are found out."""
        rows = hashed(map(names_of, shown))
        logits = self.weights.logits(rows) + self.weights.deviations(rows) * chance.standard_normal(len(rows))
        return self.calibration.applied(sigmoid(logits))

    def save(self, file: Path) -> None:
        """Raises `OSError`."""
        with file.open("wb") as out:
            np.savez_compressed(
                out,
                mean=self.weights.mean,
                precision=self.weights.precision,
                places=np.array(list(self.examination), np.int64),
                shares=np.array([look.share for look in self.examination.values()], np.float64),
                evidence=np.array([look.evidence for look in self.examination.values()], np.float64),
                rates=self.calibration.rates,
                true_rates=self.calibration.true_rates,
            )

    @classmethod
    def load(cls, file: Path) -> RateModel:
        """Raises `ModelError`."""
        try:
            with np.load(file, allow_pickle=False) as kept:
                looks = map(Look, kept["shares"].tolist(), kept["evidence"].tolist())
                examination = dict(zip(kept["places"].tolist(), looks, strict=True))
                weights = Weights(kept["mean"], kept["precision"])
                calibration = Calibration(kept["rates"], kept["true_rates"])
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{file} cannot be read: {error}.", "Learn it anew.") from error
        return cls(weights, examination, calibration)
