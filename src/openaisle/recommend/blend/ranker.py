"""Rankers: proposals to scores, and each score to its named parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
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


class Ranking(Protocol):
    """What a ranker makes of the proposals for one context: float32 (proposals,)."""

    @property
    def scores(self) -> Values: ...

    def parts(self, rows: NDArray[np.intp]) -> Parts:
        """Of the proposals at `rows`, named parts that add up to the score."""
        ...


class Ranker(Protocol):
    def ranking(self, context: Context, proposals: Proposals, knowledge: Knowledge) -> Ranking: ...


class LearnedRanker:
    """LightGBM's LambdaMART (Burges, 2010); parts are Shapley values of its trees (Lundberg et al., 2018)."""

    def __init__(self, booster: Any, names: Sequence[str]) -> None:
        self._booster = booster
        self.methods = tuple(names)
        self.features: tuple[Feature, ...] = features(names)
        self._belonging = belonging(self.features)

    @classmethod
    def from_text(cls, text: str, names: Sequence[str]) -> LearnedRanker:
        """Raises `MissingExtra` without LightGBM."""
        return cls(lightgbm().Booster(model_str=text), names)

    def text(self) -> str:
        return str(self._booster.model_to_string())

    def ranking(self, context: Context, proposals: Proposals, knowledge: Knowledge) -> LearnedRanking:
        rows = table(context, proposals, knowledge, self.features)
        return LearnedRanking(self._booster, self._belonging, rows)


class LearnedRanking:
    """`table` is (proposals, features), `belonging` says to which part each feature counts."""

    def __init__(self, booster: Any, belonging: Mapping[str, Values], table: Values) -> None:
        self._booster, self._belonging, self._table = booster, belonging, table

    @cached_property
    def scores(self) -> Values:
        if len(self._table) == 0:
            return np.empty(0, np.float32)
        return np.asarray(self._booster.predict(self._table, num_threads=1), np.float32)

    def parts(self, rows: NDArray[np.intp]) -> Parts:
        if len(rows) == 0:
            return {}
        shares = self._booster.predict(self._table[rows], pred_contrib=True, num_threads=1)
        sums = shares[:, :-1] @ np.stack(list(self._belonging.values()), axis=1)
        return {BASE: shares[:, -1], **dict(zip(self._belonging, sums.T, strict=True))}


def belonging(features: Sequence[Feature]) -> Mapping[str, Values]:
    """Each part with 1 for the features that count to it and 0 for the others."""
    parts = dict.fromkeys(feature.part for feature in features)
    return {part: np.array([feature.part == part for feature in features], np.float64) for part in parts}


class EvenRanker:
    """Every method has the same say, for a shop that has too few events to learn a blend from."""

    def ranking(self, context: Context, proposals: Proposals, knowledge: Knowledge) -> EvenRanking:
        return EvenRanking(proposals)


class EvenRanking:
    """The sum of reciprocal ranks (Cormack et al., 2009, with k 10)."""

    _SMOOTHING = 10.0

    def __init__(self, proposals: Proposals) -> None:
        self._count = len(proposals)
        self._votes = {
            name: np.where(said.ranks < UNRANKED, 1 / (self._SMOOTHING + said.ranks), 0).astype(np.float32)
            for name, said in proposals.said.items()
        }

    @cached_property
    def scores(self) -> Values:
        every = list(self._votes.values())
        return np.sum(every, axis=0) if every else np.zeros(self._count, np.float32)

    def parts(self, rows: NDArray[np.intp]) -> Parts:
        return {name: votes[rows] for name, votes in self._votes.items()}


def lightgbm() -> Any:
    try:
        import lightgbm as library
    except ImportError as error:
        raise MissingExtra(
            "The learned blend needs LightGBM.", "Install it with: pip install 'openaisle[behaviour]'"
        ) from error
    return library
