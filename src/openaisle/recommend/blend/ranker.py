"""Rankers: proposals to scores, and each score to its named parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import MissingExtra
from openaisle.recommend.blend.features import Feature, features, table
from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.proposals import UNRANKED, Proposals
from openaisle.recommend.context import Context
from openaisle.recommend.scores import Values

BASE = "base"
"""The part of a score that all proposals share."""

Parts = Mapping[str, Values]


class Ranker(Protocol):
    def scores(self, context: Context, proposals: Proposals, knowledge: Knowledge) -> Values: ...

    def parts(self, context: Context, proposals: Proposals, knowledge: Knowledge, rows: NDArray[np.intp]) -> Parts:
        """Of the proposals at `rows`, named parts that add up to the score."""
        ...


class LearnedRanker:
    """LightGBM's LambdaMART (Burges, 2010); parts are Shapley values of its trees (Lundberg et al., 2018)."""

    def __init__(self, booster: Any, names: Sequence[str]) -> None:
        self._booster = booster
        self.methods = tuple(names)
        self.features: tuple[Feature, ...] = features(names)

    @classmethod
    def from_text(cls, text: str, names: Sequence[str]) -> LearnedRanker:
        """Raises `MissingExtra` without LightGBM."""
        return cls(lightgbm().Booster(model_str=text), names)

    def text(self) -> str:
        return str(self._booster.model_to_string())

    def scores(self, context: Context, proposals: Proposals, knowledge: Knowledge) -> Values:
        rows = table(context, proposals, knowledge, self.features)
        if len(rows) == 0:
            return np.empty(0, np.float32)
        return np.asarray(self._booster.predict(rows, num_threads=1), np.float32)

    def parts(self, context: Context, proposals: Proposals, knowledge: Knowledge, rows: NDArray[np.intp]) -> Parts:
        if len(rows) == 0:
            return {}
        read = table(context, proposals, knowledge, self.features)[rows]
        shares = self._booster.predict(read, pred_contrib=True, num_threads=1)
        parts: dict[str, Values] = {BASE: shares[:, -1]}
        for column, feature in enumerate(self.features):
            parts[feature.part] = parts.get(feature.part, 0) + shares[:, column]
        return parts


class EvenRanker:
    """Every method has the same say: the sum of reciprocal ranks (Cormack et al., 2009, with k 10), for a shop that has
    too few events to learn a blend from."""

    _SMOOTHING = 10.0

    def scores(self, context: Context, proposals: Proposals, knowledge: Knowledge) -> Values:
        every = self._votes(proposals)
        return np.sum(list(every.values()), axis=0) if every else np.zeros(len(proposals), np.float32)

    def parts(self, context: Context, proposals: Proposals, knowledge: Knowledge, rows: NDArray[np.intp]) -> Parts:
        return {name: votes[rows] for name, votes in self._votes(proposals).items()}

    def _votes(self, proposals: Proposals) -> dict[str, Values]:
        return {
            name: np.where(said.ranks < UNRANKED, 1 / (self._SMOOTHING + said.ranks), 0).astype(np.float32)
            for name, said in proposals.said.items()
        }


def lightgbm() -> Any:
    try:
        import lightgbm as library
    except ImportError as error:
        raise MissingExtra(
            "The learned blend needs LightGBM.", "Install it with: pip install 'openaisle[behaviour]'"
        ) from error
    return library
