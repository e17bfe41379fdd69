"""The most probable tags of a text that spans can have: I-type stands only behind B-type or I-type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NEVER = -np.inf


class Decoder:
    """Viterbi's algorithm over tags that follow one another freely, but for those that no spans would give.

    Source: Viterbi 1967, "Error bounds for convolutional codes and an asymptotically optimum decoding algorithm".
    `tags` are the names of the logits' columns: O, B-type, I-type.
    """

    def __init__(self, tags: Sequence[str]) -> None:
        self._first = np.array([_cost(None, tag) for tag in tags])
        self._next = np.array([[_cost(before, tag) for tag in tags] for before in tags])

    def decode(self, logits: NDArray[np.floating[Any]]) -> list[int]:
        """The columns of the best allowed tags, one a row of the logits (tokens, tags)."""
        if not len(logits):
            return []
        best, came_from = self._first + logits[0], []
        for row in logits[1:]:
            paths = best[:, None] + self._next
            came_from.append(paths.argmax(axis=0))
            best = paths.max(axis=0) + row
        path = [int(best.argmax())]
        for origins in reversed(came_from):
            path.append(int(origins[path[-1]]))
        return path[::-1]


def _cost(before: str | None, tag: str) -> float:
    place, _, type_ = tag.partition("-")
    if place != "I" or (before is not None and before.partition("-")[2] == type_):
        return 0.0
    return _NEVER
