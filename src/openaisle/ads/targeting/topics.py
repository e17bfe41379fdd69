"""Topics against queries, by meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from openaisle.ads.campaign import Campaign

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to unit vectors, `(len(texts), dimensions)`."""
Relevance = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Cosines on the encoder's scale from unrelated (0) to a good answer (1)."""


class Topics:
    """The topics of many campaigns as one matrix, encoded once."""

    def __init__(self, campaigns: Sequence[Campaign], encode: Encode, relevance: Relevance) -> None:
        pairs = [(number, text) for number, campaign in enumerate(campaigns) for text in campaign.topics]
        self._owners = np.array([number for number, _ in pairs], np.intp)
        self._vectors = encode([text for _, text in pairs]) if pairs else np.empty((0, 0), np.float32)
        self._least = np.array([campaign.similarity for campaign in campaigns], np.float32)
        self._relevance = relevance

    def find(self, query: NDArray[np.float32]) -> dict[int, float]:
        """The campaigns (by number) whose nearest topic comes close enough to a query's vector, and how close."""
        if not len(self._owners):
            return {}
        near = np.zeros(len(self._least), np.float32)
        np.maximum.at(near, self._owners, self._relevance(self._vectors @ query))
        found = np.flatnonzero((near >= self._least) & (near > 0))
        return {int(number): float(near[number]) for number in found}
