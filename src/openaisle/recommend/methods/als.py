"""Matrix factorisation of implicit feedback by alternating least squares (Hu, Koren and Volinsky, 2008).

The library `implicit` trains it. A shopper's own factors are solved for at the moment of the call from what was done
up to then, so that a new shopper, and what an old one did a second ago, need no training.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Self

import numpy as np

from openaisle.errors import MissingExtra
from openaisle.recommend.context import Context
from openaisle.recommend.ids import UNKNOWN, Numbers
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.nearest import Nearest, NearestScores
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.scores import NOTHING, Scores, Values


@dataclass(frozen=True, slots=True)
class Als:
    """`confidence` multiplies weights of interest; `recent` rows at most are folded in."""

    factors: int = 64
    regularization: float = 0.05
    confidence: float = 4.0
    iterations: int = 15
    recent: int = 50
    seed: int = 17

    def fit(self, interactions: Interactions) -> AlsModel:
        """Raises `MissingExtra` without implicit."""
        count = len(interactions.products)
        if len(interactions) == 0:
            return AlsModel(np.zeros((count, self.factors), np.float32), self.confidence, self.regularization, 0)
        trained = self._trained(interactions)
        vectors = np.array(trained.item_factors, np.float32)
        seen = np.bincount(interactions.product, minlength=count) > 0
        vectors[~seen] = 0
        return AlsModel(vectors, self.confidence, self.regularization, self.recent)

    def _trained(self, interactions: Interactions) -> Any:
        try:
            from scipy.sparse import csr_matrix

            library, threads = import_module("implicit.cpu.als"), import_module("threadpoolctl")
        except ImportError as error:
            raise MissingExtra(
                "The method als needs implicit.", "Install it with: pip install 'openaisle[behaviour]'"
            ) from error
        owner = users(interactions)
        shape = (int(owner.max()) + 1, len(interactions.products))
        matrix = csr_matrix((interactions.weight, (owner, interactions.product)), shape=shape)
        # the library warns, rightly, where a pool of BLAS threads would run beside its own
        with threads.threadpool_limits(1, "blas"):
            model = library.AlternatingLeastSquares(
                factors=self.factors,
                regularization=self.regularization,
                alpha=self.confidence,
                iterations=self.iterations,
                num_threads=1,
                random_state=self.seed,
            )
            model.fit(matrix, show_progress=False)
        return model


class AlsModel:
    def __init__(self, vectors: Values, confidence: float, regularization: float, recent: int) -> None:
        self._nearest = Nearest(vectors)
        self._confidence, self._regularization, self._recent = confidence, regularization, recent
        gram = vectors.T.astype(np.float64) @ vectors + regularization * np.eye(vectors.shape[1])
        self._inverse = np.linalg.inv(gram).astype(np.float32)

    def scores(self, context: Context) -> Scores:
        products, weights = self._interest(context)
        if len(products) == 0:
            return NOTHING
        liked = self._nearest.at(products)
        # confidence w for what was seen, 1 for all else, whose part is the Gram matrix G: (G + L'(W - 1)L) x = L'w;
        # with x = G⁻¹L'y that is (1 + (W - 1)LG⁻¹L') y = w, as many equations as there are products and not factors
        moved = self._inverse @ liked.T
        system = np.eye(len(products), dtype=np.float32) + (weights - 1)[:, None] * (liked @ moved)
        return NearestScores(self._nearest, moved @ np.linalg.solve(system, weights))

    def _interest(self, context: Context) -> tuple[Numbers, Values]:
        trail = context.trail
        products = np.concatenate((context.history.product, trail))[-self._recent :]
        weights = np.concatenate((context.history.weight, np.ones(len(trail), np.float32)))[-self._recent :]
        known = products < len(self._nearest)
        unique, inverse = np.unique(products[known], return_inverse=True)
        summed = np.bincount(inverse, weights[known], len(unique))
        return unique, np.maximum(1.0, self._confidence * summed).astype(np.float32)

    def arrays(self) -> Arrays:
        return {
            "vectors": self._nearest.vectors(),
            "settings": np.array([self._confidence, self._regularization, self._recent]),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        confidence, regularization, recent = arrays["settings"].tolist()
        return cls(arrays["vectors"], confidence, regularization, int(recent))

    def refreshed(self, new: Interactions) -> Self:
        return self


def users(interactions: Interactions) -> Numbers:
    """Rows of the matrix: shoppers, and sessions of nobody known."""
    owner = np.where(
        interactions.shopper != UNKNOWN, interactions.shopper, interactions.session + len(interactions.shoppers)
    )
    _, rows = np.unique(owner, return_inverse=True)
    return rows.astype(np.int32)
