"""What comes next, told by a transformer that was trained in `learning.sequential` and runs here as ONNX."""

from __future__ import annotations

from typing import Self

import numpy as np

from openaisle.recommend.context import Context
from openaisle.recommend.graphs import opened
from openaisle.recommend.ids import Numbers
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.nearest import Nearest, NearestScores
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.scores import NOTHING, Scores, Values


class SequentialModel:
    """`graph` is ONNX, `products` (1, rows) int64 → `state` (1, width); `vectors` (products, width)."""

    def __init__(self, graph: bytes, vectors: Values, longest: int) -> None:
        self._graph = graph
        self._longest = longest
        self._nearest = Nearest(vectors)
        self._session = opened(graph)

    def scores(self, context: Context) -> Scores:
        products = self._known(np.concatenate((context.history.product, context.trail)))
        if len(products) == 0:
            return NOTHING
        state = self._session.run(None, {"products": products[None, :].astype(np.int64)})[0][0]
        return NearestScores(self._nearest, state)

    def _known(self, products: Numbers) -> Numbers:
        products = products[-self._longest :]
        return products[self._nearest.has(products)]

    def arrays(self) -> Arrays:
        return {
            "graph": np.frombuffer(self._graph, np.uint8),
            "vectors": self._nearest.vectors(),
            "longest": np.array(self._longest),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(arrays["graph"].tobytes(), arrays["vectors"], int(arrays["longest"]))

    def refreshed(self, new: Interactions) -> Self:
        """It reads the session as it is, so there is nothing to take in."""
        return self
