"""How well scores re-rank judged lists."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from openaisle.evaluation.metrics import metric
from openaisle.learning.examples import Example, JudgedQuery, Scored
from openaisle.learning.heads.protocol import PerExample

METRICS = ("ndcg@10", "mrr@10")


def ranked(judged: Sequence[JudgedQuery], scores: Sequence[NDArray[np.float32]]) -> PerExample:
    """Each metric of each list, re-ranked by the scores of its texts."""
    functions = {name: metric(name) for name in METRICS}
    values: dict[str, list[float]] = {name: [] for name in METRICS}
    for one, row in zip(judged, scores, strict=True):
        order = [str(position) for position in _order(one, row)]
        gains = {str(position): each.gain for position, each in enumerate(one.candidates)}
        for name, function in functions.items():
            values[name].append(function(order, gains))
    return {name: np.array(one, np.float64) for name, one in values.items()}


def means(
    examples: Sequence[Example], judged: Sequence[JudgedQuery], scores: Sequence[NDArray[np.float32]]
) -> dict[str, float]:
    """Each metric of the whole split: the mean over its lists, and what is said of scored pairs."""
    return {name: float(values.mean()) for name, values in ranked(judged, scores).items()} | of_pairs(examples, scores)


def _order(one: JudgedQuery, scores: NDArray[np.float32]) -> NDArray[np.intp]:
    """Best first; equal scores in an order that says nothing, for files often list the best answers first."""
    ties = np.array([crc32(f"{one.query}\0{each.text}".encode()) for each in one.candidates])
    order: NDArray[np.intp] = np.lexsort((ties, -scores))
    return order


def of_pairs(examples: Sequence[Example], scores: Sequence[NDArray[np.float32]]) -> dict[str, float]:
    """Spearman's correlation of scores and gold, where all examples are scored pairs; else nothing."""
    gold = [example.score for example in examples if isinstance(example, Scored)]
    if not gold or len(gold) < len(examples):
        return {}
    return {"spearman": spearman(np.array(gold), np.array([row[0] for row in scores]))}


def spearman(left: NDArray[np.floating], right: NDArray[np.floating]) -> float:
    """Spearman's rank correlation; 0 where one of the two is constant."""
    if len(left) < 2:
        return 0.0
    first, second = rankdata(left), rankdata(right)
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
