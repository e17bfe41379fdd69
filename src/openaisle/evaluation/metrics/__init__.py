"""Metrics of one ranking, one a file, and the one place where a name such as `ndcg@10` becomes a function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from openaisle.errors import BadRequest
from openaisle.evaluation.metrics.mrr import reciprocal_rank
from openaisle.evaluation.metrics.ndcg import ndcg
from openaisle.evaluation.metrics.recall import recall

Cutoff = Callable[[Sequence[str], Mapping[str, float], int], float]
Metric = Callable[[Sequence[str], Mapping[str, float]], float]
"""Ranked product ids and gains → a value from 0 to 1."""

_BY_NAME: Mapping[str, Cutoff] = MappingProxyType({"ndcg": ndcg, "mrr": reciprocal_rank, "recall": recall})
_NAME = re.compile(r"([a-z]+)@([1-9]\d{0,4})")

DEFAULT_METRICS = ("ndcg@10", "mrr@10", "recall@100")


def metric(name: str) -> Metric:
    """The function a name stands for (`ndcg@10`, `mrr@10`, `recall@100`); `BadRequest` when there is none."""
    match = _NAME.fullmatch(name)
    if match is None or match[1] not in _BY_NAME:
        known = ", ".join(f"{known}@k" for known in _BY_NAME)
        raise BadRequest(f"There is no metric {name!r}.", f"Known are {known}.")
    function, k = _BY_NAME[match[1]], int(match[2])
    return lambda ranked, gains: function(ranked, gains, k)


__all__ = ["DEFAULT_METRICS", "Metric", "metric"]
