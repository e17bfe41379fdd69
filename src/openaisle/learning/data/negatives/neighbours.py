"""The texts nearest to queries by the model as it is before training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from openaisle.models.protocol import Encoder, Vectors

_TEXTS = 512
"""Texts encoded at a time, between which progress is told."""

Progress = Callable[[str, int, int | None], None]


class Neighbours:
    """A corpus as unit vectors."""

    def __init__(self, encoder: Encoder, texts: Sequence[str], tell: Progress) -> None:
        self.encoder = encoder
        parts: list[Vectors] = []
        for start in range(0, len(texts), _TEXTS):
            parts.append(encoder.encode_documents(texts[start : start + _TEXTS]))
            tell("encoding", min(start + _TEXTS, len(texts)), len(texts))
        empty = np.zeros((0, encoder.identity.dimensions), np.float32)
        self.vectors = np.concatenate(parts) if parts else empty
        self._place = {text: place for place, text in enumerate(texts)}

    def vectors_of(self, texts: Iterable[str]) -> dict[str, Vectors]:
        """The vector of each text, encoded only where it is none of the corpus."""
        wanted = list(texts)
        others = [text for text in wanted if text not in self._place]
        encoded = dict(zip(others, self.encoder.encode_documents(others), strict=True)) if others else {}
        return {text: encoded[text] if text in encoded else self.vectors[self._place[text]] for text in wanted}

    def similarities(self, queries: Vectors) -> Vectors:
        """(queries, texts) cosines."""
        return np.asarray(queries @ self.vectors.T, np.float32)


def nearest(similarities: Vectors, depth: int) -> NDArray[np.intp]:
    """The places of the `depth` highest of each row, highest first; equal ones in their order."""
    depth = min(depth, similarities.shape[1])
    if depth == 0:
        return np.zeros((len(similarities), 0), np.intp)
    found = np.sort(np.argpartition(-similarities, depth - 1, axis=1)[:, :depth], axis=1)
    order = np.argsort(-np.take_along_axis(similarities, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)
