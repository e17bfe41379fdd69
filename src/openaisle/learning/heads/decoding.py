"""The most probable tags of a text that spans can have: I-type stands only behind B-type or I-type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn, tensor, zeros

NEVER = -1e4
"""What a tag loses where no span would give it: more than any logit makes good."""

Floats = NDArray[np.floating[Any]]


class Chain(nn.Module):
    """Which tags a text begins with and which follow one another, as far as that was learnt; nothing at first."""

    def __init__(self, tags: Sequence[str]) -> None:
        super().__init__()
        self.starts = nn.Parameter(zeros(len(tags)))
        self.steps = nn.Parameter(zeros(len(tags), len(tags)))
        first, follow = constraints(tags)
        self.register_buffer("_first", tensor(first).float(), persistent=False)
        self.register_buffer("_follow", tensor(follow).float(), persistent=False)

    def scores(self) -> tuple[Tensor, Tensor]:
        """Of each tag as the first, (tags,), and of each behind each, (tags, tags)."""
        return self.starts + self.get_buffer("_first"), self.steps + self.get_buffer("_follow")


class Decoder:
    """The path of tags with the largest sum of logits and of what tags have for following one another.

    Source: Viterbi 1967, "Error bounds for convolutional codes and an asymptotically optimum decoding algorithm".
    `first` is (tags,), `follow` (tags, tags): row, then column.
    """

    def __init__(self, first: Floats, follow: Floats) -> None:
        self._first, self._follow = first, follow

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
    """For a `Decoder`: 0, and `NEVER` where no spans give it. `tags` are O, B-type and I-type."""
    first = np.array([_cost("O", tag) for tag in tags])
    return first, np.array([[_cost(before, tag) for tag in tags] for before in tags])


def _cost(before: str, tag: str) -> float:
    place, _, type_ = tag.partition("-")
    return NEVER if place == "I" and before.partition("-")[2] != type_ else 0.0
