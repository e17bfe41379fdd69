"""Finding out what is good without showing too much that is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray


class BetaArms:
    """Rates of arms by their counts alone, drawn from what is known of each (Thompson, 1933).

    For an ad in a lower place, a view counts by the share of shoppers that look there.
    """

    def __init__(self, clicks: float = 1.0, views: float = 50.0) -> None:
        """What is believed of an arm that nobody has seen: so many clicks of so many views."""
        self._prior = (clicks, views)
        self._seen: defaultdict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def learn(self, arm: Hashable, *, views: float, clicks: float) -> None:
        counts = self._seen[arm]
        counts[0] += clicks
        counts[1] += views

    def mean(self, arms: Sequence[Hashable]) -> NDArray[np.float64]:
        good, bad = self._shapes(arms)
        return np.asarray(good / (good + bad), np.float64)

    def sampled(self, arms: Sequence[Hashable], chance: np.random.Generator) -> NDArray[np.float64]:
        return chance.beta(*self._shapes(arms))

    def _shapes(self, arms: Sequence[Hashable]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        counts = np.array([self._seen.get(arm, (0.0, 0.0)) for arm in arms]).reshape(len(arms), 2)
        good = counts[:, 0] + self._prior[0]
        return good, np.maximum(1e-6, counts[:, 1] + self._prior[1] - good)


class LinUcb:
    """Rates that are linear in an arm's features, with the width of what is not known added (LinUCB; Li, Chu, Langford
    and Schapire, 2010), one model for all arms."""

    def __init__(self, features: int, width: float = 1.0, ridge: float = 1.0) -> None:
        self._width = width
        self._inverse = np.eye(features) / ridge
        self._sums = np.zeros(features)

    def learn(self, features: NDArray[np.float64], reward: float) -> None:
        """One showing; the inverse is kept by the formula of Sherman and Morrison."""
        reached = self._inverse @ features
        self._inverse -= np.outer(reached, reached) / (1 + features @ reached)
        self._sums += reward * features

    def bounds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """The upper bound of each arm's rate; `features` has a row an arm."""
        known = features @ (self._inverse @ self._sums)
        unknown = np.einsum("ij,jk,ik->i", features, self._inverse, features)
        return np.asarray(known + self._width * np.sqrt(unknown), np.float64)
