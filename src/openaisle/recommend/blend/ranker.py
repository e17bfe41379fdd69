"""Rankers: proposals to scores, and each score to its named parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.blend.features import Feature, features, table
from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.proposals import UNRANKED, Proposals
from openaisle.recommend.context import Context
from openaisle.recommend.graphs import opened
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


@dataclass(frozen=True, slots=True)
class Graphs:
    """ONNX, from `rows` (n, features): `scoring` to (n, 1), which is all that an order needs, and `explaining` to
    (n, parts), which takes half as long again and is asked for the few that are shown."""

    scoring: bytes
    explaining: bytes


class LearnedRanker:
    """LightGBM's LambdaMART (Burges, 2010), run as the graphs that `forest` makes of it."""

    def __init__(self, graphs: Graphs, names: Sequence[str]) -> None:
        """Raises `ValueError` for what is no graph."""
        self.graphs = graphs
        self.methods = tuple(names)
        self.features: tuple[Feature, ...] = features(names)
        self._scoring, self._explaining = opened(graphs.scoring), opened(graphs.explaining)
        self._parts = parts_of(self.features)

    def ranking(self, context: Context, proposals: Proposals, knowledge: Knowledge) -> LearnedRanking:
        rows = table(context, proposals, knowledge, self.features)
        return LearnedRanking(_run(self._scoring, rows)[:, 0], rows, self._parted)

    def _parted(self, rows: Values) -> Parts:
        return dict(zip(self._parts, _run(self._explaining, rows).T, strict=True))


@dataclass(frozen=True, slots=True)
class LearnedRanking:
    """`rows` is (proposals, features), `parted` tells the parts of such rows."""

    scores: Values
    rows: Values
    parted: Callable[[Values], Parts]

    def parts(self, rows: NDArray[np.intp]) -> Parts:
        return self.parted(self.rows[rows])


def _run(session: Any, rows: Values) -> Values:
    told: Values = session.run(None, {"rows": rows})[0]
    return told


def parts_of(features: Sequence[Feature]) -> tuple[str, ...]:
    """The parts of a score by their numbers in the graph; the first is the base."""
    return (BASE, *dict.fromkeys(feature.part for feature in features))


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
