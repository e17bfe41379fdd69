"""What a method of recommending is to the rest of the room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Self

from numpy.typing import NDArray

from openaisle.recommend.context import Context
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.scores import Scores

Arrays = Mapping[str, NDArray[Any]]


class Model(Protocol):
    """What was learnt; safe for many threads."""

    def scores(self, context: Context) -> Scores: ...

    def arrays(self) -> Arrays:
        """All it knows, as plain arrays that `from_arrays` of its class takes back."""
        ...

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self: ...

    def refreshed(self, new: Interactions) -> Self:
        """With what happened since, where that can be taken in without learning anew; itself where it cannot."""
        ...


class Recommender(Protocol):
    """A method: its settings, and learning with them."""

    def fit(self, interactions: Interactions) -> Model: ...
