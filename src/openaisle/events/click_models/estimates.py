"""How well products answer queries as clicks tell it, with how much each estimate rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openaisle.events.click_models.pages import Floats, Pairs

STRENGTH = 3.0
"""Examinations that the average of a query counts as, against those that a product had itself."""

_PRODUCTS_OF_ALL = 3.0
"""Products that the average of all queries counts as, against that of one query."""

_Z = 1.96
"""Two-sided 95 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """For each pair the mean of a share, 0 to 1, and `seen`: by how many examinations it is known.

    An examination is an impression that was looked at for sure; one far down a page counts as a part of one. Means are
    already drawn towards the average of the query, as by a Beta prior of `STRENGTH` examinations.
    """

    mean: Floats
    seen: Floats

    @property
    def confidence(self) -> Floats:
        """The part of each mean that comes from the pair's own clicks, 0 to 1; the rest is the query's average."""
        share: Floats = self.seen / (self.seen + STRENGTH)
        return share

    def bounds(self) -> tuple[Floats, Floats]:
        """95 % intervals by Wilson's score with prior and examinations as trials (Wilson, 1927)."""
        trials = self.seen + STRENGTH
        centre = (self.mean + _Z**2 / (2 * trials)) / (1 + _Z**2 / trials)
        half = _Z / (1 + _Z**2 / trials) * np.sqrt(self.mean * (1 - self.mean) / trials + (_Z / (2 * trials)) ** 2)
        return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def shrunk(pairs: Pairs, successes: Floats, trials: Floats) -> Estimates:
    """Posterior means of `successes` in `trials` (a value a pair): a Beta-binomial with the query's rate as prior."""
    rate = prior_rates(pairs, successes, trials)
    return Estimates((successes + STRENGTH * rate) / (trials + STRENGTH), trials)


def prior_rates(pairs: Pairs, successes: Floats, trials: Floats) -> Floats:
    """For each pair the rate of a product of its query, drawn towards that of all; 0 and 1 are never reached.

    Products count alike from some examinations on, not by how often they were shown: what search puts first is better
    than the rest, of which the prior has to speak.
    """
    weight = trials / (trials + STRENGTH)
    rate = np.divide(successes, trials, out=np.zeros_like(trials), where=trials > 0)
    overall = ((weight * rate).sum() + 0.1) / (weight.sum() + 1.0)
    queries = len(pairs.queries)
    hits = np.bincount(pairs.query, weight * rate, minlength=queries)
    tries = np.bincount(pairs.query, weight, minlength=queries)
    rates: Floats = (hits + _PRODUCTS_OF_ALL * overall) / (tries + _PRODUCTS_OF_ALL)
    return np.clip(rates, 1e-6, 1 - 1e-6)[pairs.query]
