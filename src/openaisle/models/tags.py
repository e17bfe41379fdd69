"""The most probable tags of a text that spans can have: I-type stands only behind B-type or I-type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEVER = -1e4
"""What a tag loses where no span would give it: more than any logit makes good."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Following:
    """What a tagger has learnt of the order of tags, in logits: of each as the first, and of each (column) behind each
    (row)."""

    first: Sequence[float]
    follow: Sequence[Sequence[float]]


class Decoder:
    """The path of tags with the largest sum of logits and of what tags have for following one another.

    Source: Viterbi 1967, "Error bounds for convolutional codes and an asymptotically optimum decoding algorithm".
    `tags` are the columns of the logits: O, B-type and I-type.
    """

    def __init__(self, tags: Sequence[str], following: Following | None = None) -> None:
        self._first, self._follow = constraints(tags)
        if following is not None:
            self._first = self._first + np.asarray(following.first)
            self._follow = self._follow + np.asarray(following.follow)

    def decode(self, logits: Floats) -> list[int]:
        """The columns of the best tags, one a row of the logits (tokens, tags)."""
        if not len(logits):
            return []
        best, came_from = self._first + logits[0], []
        for row in logits[1:]:
            paths = best[:, None] + self._follow
            came_from.append(paths.argmax(axis=0))
            best = paths.max(axis=0) + row
        path = [int(best.argmax())]
        for origins in reversed(came_from):
            path.append(int(origins[path[-1]]))
        return path[::-1]


def constraints(tags: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """0, and `NEVER` where no spans give it: of each tag as the first, (tags,), and behind each, (tags, tags)."""
    first = np.array([_cost("O", tag) for tag in tags])
    return first, np.array([[_cost(before, tag) for tag in tags] for before in tags])


def _cost(before: str, tag: str) -> float:
    place, _, type_ = tag.partition("-")
    return NEVER if place == "I" and before.partition("-")[2] != type_ else 0.0
