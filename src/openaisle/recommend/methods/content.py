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
from openaisle.recommend.nearest import Nearest, NearestScores
from openaisle.recommend.neighbours import fading
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.scores import NOTHING, Scores, Values

Vectors = Callable[[Sequence[str]], Values]
"""Unit vectors of products by their ids, `(ids, dimensions)`; a row of zeros where there is none."""


@dataclass(frozen=True, slots=True)
class Content:
    """`recency` is in products of the trail: how fast earlier ones lose their say."""

    vectors: Vectors
    recency: float = 2.0

    def fit(self, interactions: Interactions) -> ContentModel:
        return ContentModel(self.vectors(interactions.products.names), self.recency)


class ContentModel:
    def __init__(self, vectors: Values, recency: float) -> None:
        self._nearest = Nearest(vectors)
        self._recency = recency

    def __len__(self) -> int:
        return len(self._nearest)

    def scores(self, context: Context) -> Scores:
        products = context.remembered
        query = fading(len(products), self._recency) @ self._nearest.at(products)
        length = float(np.linalg.norm(query))
        return NearestScores(self._nearest, query / length) if length > 0 else NOTHING

    def vectors(self, products: Numbers) -> Values:
        """Vectors of these, zeros where there are none."""
        return self._nearest.at(products)

    def extended(self, more: Values) -> ContentModel:
        """With the vectors of products that came after the last."""
        extended = copy(self)
        extended._nearest = self._nearest.extended(more)
        return extended

    def arrays(self) -> Arrays:
        return {"vectors": self._nearest.vectors(), "recency": np.array(self._recency)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(arrays["vectors"], float(arrays["recency"]))

    def refreshed(self, new: Interactions) -> Self:
        return self
