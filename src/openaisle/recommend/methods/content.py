"""What is alike by what it is: vectors of the encoder, so that a product nobody has seen yet is found at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Self

import numpy as np

from openaisle.recommend.context import Context
from openaisle.recommend.ids import Numbers
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.nearest import Nearest
from openaisle.recommend.neighbours import fading
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.scores import NOTHING, Best, Scores, Values, best_of

Vectors = Callable[[Sequence[str]], Values]
"""Unit vectors of products by their ids, `(ids, dimensions)`; a row of zeros where there is none."""


_ASKED = 3
"""Products of the trail, the newest, whose neighbours are looked for; all of it has a say in how they score."""
_LOOKED_AT = 10


@dataclass(frozen=True, slots=True)
class Content:
    """`recency` is in products of the trail: how fast earlier ones lose their say. `softness` is a cosine: how much
    less alike a product must be to count a third."""

    vectors: Vectors
    recency: float = 8.0
    softness: float = 0.2

    def fit(self, interactions: Interactions) -> ContentModel:
        return ContentModel(Nearest(self.vectors(interactions.products.names)), self.recency, self.softness)


class ContentModel:
    """Being very like one product of the trail says more than being a little like all of them, so what is summed is
    exp(cosine / softness), and no middle of the trail is asked for."""

    def __init__(self, nearest: Nearest, recency: float, softness: float) -> None:
        self._nearest = nearest
        self._recency, self._softness = recency, softness

    def __len__(self) -> int:
        return len(self._nearest)

    def scores(self, context: Context) -> Scores:
        liked = self._nearest.at(context.remembered[-_LOOKED_AT:])
        known = liked.any(axis=1)
        say = fading(len(liked), self._recency)[known]
        return _Likeness(self._nearest, liked[known], say, self._softness) if known.any() else NOTHING

    def vectors(self, products: Numbers) -> Values:
        """Vectors of these, zeros where there are none."""
        return self._nearest.at(products)

    def extended(self, more: Values) -> ContentModel:
        """With the vectors of products that came after the last."""
        extended = copy(self)
        extended._nearest = self._nearest.extended(more)
        return extended

    def arrays(self) -> Arrays:
        return {"vectors": self._nearest.vectors(), "settings": np.array([self._recency, self._softness])}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        recency, softness = arrays["settings"].tolist()
        return cls(Nearest(arrays["vectors"]), recency, softness)

    def refreshed(self, new: Interactions) -> Self:
        return self


class _Likeness:
    """Scores by likeness to several products, `liked` (products, dimensions), each with its `say`."""

    def __init__(self, nearest: Nearest, liked: Values, say: Values, softness: float) -> None:
        self._nearest, self._liked, self._say, self._softness = nearest, liked, say, softness

    def best(self, count: int) -> Best:
        products = self._nearest.near(self._liked[-_ASKED:], count)
        return best_of(products, self.of(products), count)

    def of(self, products: Numbers) -> Values:
        cosines = self._nearest.inner(self._liked, products)
        # an unrelated product scores next to nothing, and one without a vector nothing at all
        likeness = np.where(cosines > 0, np.exp((cosines - 1) / self._softness), np.float32(0))
        return (likeness @ self._say).astype(np.float32)
