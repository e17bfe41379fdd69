"""What losses take and how they are set.

Judged texts reach a loss as lists: for n queries and D distinct documents of a batch, `place` (n, m) int64 says which
document stands at each place of a query's list (-1 where the list is shorter), and `gains` (n, m) float32 how well it
answers (0 not at all, 1 fully; 0 where there is none). So a text that several queries share is encoded once and never
taken for a negative of a query that it answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

Takes = Literal["vectors", "scores", "logits", "tags", "labels", "values", "teacher"]
"""What a loss compares: vectors of queries and documents, scores of lists, logits with the one label, logits of tokens
with their tags, logits with any number of labels, numbers, or vectors with a teacher's."""


@dataclass(frozen=True, slots=True)
class LossOptions:
    """A recipe's loss. `name` empty is the task's own. `matryoshka`: shorter lengths at which vectors must work too."""

    name: str = ""
    temperature: float = 0.05
    margin: float = 0.5
    matryoshka: tuple[int, ...] = ()
    mini_batch: int = 32
    """Texts encoded at a time by the cached losses."""


class VectorLoss(nn.Module, ABC):
    """A loss on unit vectors. `mini_batch` above 0 asks the head to encode that many texts at a time and to forget
    what is in between until the gradients are there (see `cached_multiple_negatives`)."""

    mini_batch: int = 0
    within_lists: bool = False
    """Whether only texts of one list are compared: then a list of one text, or of equal gains, teaches nothing."""

    @abstractmethod
    def forward(self, queries: Tensor, documents: Tensor, place: Tensor, gains: Tensor) -> Tensor:
        """Unit vectors (n, d) and (D, d), lists (n, m) → a scalar."""


class ScoreLoss(nn.Module, ABC):
    """A loss on the scores that a model gives to the texts of each list."""

    within_lists: bool = False
    """As in `VectorLoss`."""

    @abstractmethod
    def forward(self, scores: Tensor, gains: Tensor, mask: Tensor) -> Tensor:
        """Scores and gains (n, m) float32, mask (n, m) bool (false where the list is shorter) → a scalar."""
