"""Where the right answers stand in what a method, or the blend, gives for each case of the future."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.proposals import ask, propose
from openaisle.recommend.blend.ranker import Ranker
from openaisle.recommend.context import Context
from openaisle.recommend.ids import Numbers
from openaisle.recommend.scores import best_of
from openaisle.recommend.splits import Case

DEPTH = 20
BLEND = "blend"


@dataclass(frozen=True, slots=True)
class Measured:
    """Per case: whether a right answer is among the first 20, the reciprocal rank of the first one (0 behind those),
    and the share of the right answers that are among them. `unit` is who the case belongs to."""

    hit: NDArray[np.float64]
    reciprocal: NDArray[np.float64]
    recall: NDArray[np.float64]
    unit: NDArray[np.int64]


def measure(cases: Sequence[Case], knowledge: Knowledge, ranker: Ranker) -> Mapping[str, Measured]:
    """Every method and the blend, over all products that the methods know and without any rules."""
    names = (*knowledge.methods, BLEND)
    rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
    for case in cases:
        for name, best in _answers(case.context, knowledge, ranker):
            rows[name].append(row_of(best, case.targets))
    unit = np.array([case.unit for case in cases], np.int64)
    return {name: _measured(rows[name], unit) for name in names}


def _answers(context: Context, knowledge: Knowledge, ranker: Ranker) -> Iterator[tuple[str, Numbers]]:
    proposals = propose(ask(context, knowledge.methods), knowledge.methods, context.trail)
    for name in knowledge.methods:
        said = proposals.said[name]
        inside = said.ranks <= DEPTH
        yield name, proposals.products[inside][np.argsort(said.ranks[inside])]
    scores = ranker.ranking(context, proposals, knowledge).scores
    yield BLEND, best_of(proposals.products, scores, DEPTH).products


def row_of(best: Numbers, targets: Numbers) -> tuple[float, float, float]:
    """Hit, reciprocal rank and recall of one answer, the best first."""
    right = np.flatnonzero(np.isin(best, targets))
    if len(right) == 0:
        return 0.0, 0.0, 0.0
    return 1.0, 1 / (1 + float(right[0])), len(right) / len(targets)


def _measured(rows: Sequence[tuple[float, float, float]], unit: NDArray[np.int64]) -> Measured:
    hit, reciprocal, recall = np.array(rows, np.float64).reshape(len(rows), 3).T
    return Measured(hit, reciprocal, recall, unit)
