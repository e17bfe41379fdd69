"""The metrics of each task, from what a model said and what is true."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from openaisle.errors import BadRequest
from openaisle.evaluation.metrics import metric
from openaisle.learning.comparison.evidence import (
    Average,
    Counts,
    Evidence,
    Mean,
    RankCorrelation,
    RootMeanSquare,
    counts,
)
from openaisle.learning.comparison.outcomes import Labelling, Prediction
from openaisle.learning.examples import Candidate, Example, JudgedQuery, Labelled, Scored, Tagged, Triplet, Valued
from openaisle.learning.recipe.sections import Task

_RANKING = ("ndcg@10", "mrr@10")

Pair = tuple[Evidence, Evidence]
Kind = TypeVar("Kind", bound=Example)


def measures(
    examples: Sequence[Example], before: Sequence[Prediction], after: Sequence[Prediction], task: Task
) -> dict[str, Pair]:
    """Evidence before and after by metric, the task's own first. Raises `BadRequest` for a task without."""
    if examples and all(isinstance(each, Scored) for each in examples):
        return _scored(examples, before, after)
    if task not in _BY_TASK:
        raise BadRequest(f"The task {task} has no predictions to compare.", "Compare its metrics by example.")
    return _BY_TASK[task](examples, before, after)


def candidates_of(example: Example) -> tuple[Candidate, ...]:
    """What is ranked for a query; a triplet is a query with one answer."""
    if isinstance(example, JudgedQuery):
        return example.candidates
    triplet = _as(Triplet, example)
    return (Candidate(triplet.positive, 1.0), *(Candidate(text, 0.0) for text in triplet.negatives))


def ranking(example: Example, scores: Sequence[float]) -> list[int]:
    """Places of the candidates, best first. Ties fall by chance (the same each time): the order of a file, which often
    tells the best product first, must not help a model that cannot tell products apart."""
    texts = [each.text for each in candidates_of(example)]
    ties = [zlib.crc32(f"{text_of(example)}\0{text}".encode()) for text in texts]
    return [int(place) for place in np.lexsort((np.array(ties), -np.asarray(scores, dtype=np.float64)))]


def text_of(example: Example) -> str:
    """The query or text that an example is about."""
    match example:
        case JudgedQuery(query=query):
            return query
        case Triplet(anchor=anchor):
            return anchor
        case Scored(left=left):
            return left
        case _:
            return example.text


def _ranked(examples: Sequence[Example], before: Sequence[Any], after: Sequence[Any]) -> dict[str, Pair]:
    return {
        name: (_ranking_evidence(name, examples, before), _ranking_evidence(name, examples, after)) for name in _RANKING
    }


def _ranking_evidence(name: str, examples: Sequence[Example], told: Sequence[Sequence[float]]) -> Mean:
    """Queries to which nothing is an answer have no value."""
    function = metric(name)
    values = np.full(len(examples), np.nan)
    for place, (example, scores) in enumerate(zip(examples, told, strict=True)):
        gains = {str(number): each.gain for number, each in enumerate(candidates_of(example))}
        if any(gain > 0 for gain in gains.values()):
            values[place] = function([str(number) for number in ranking(example, scores)], gains)
    return Mean(values)


def _scored(examples: Sequence[Example], before: Sequence[Any], after: Sequence[Any]) -> dict[str, Pair]:
    true = np.array([_as(Scored, each).score for each in examples])
    return {"spearman": (RankCorrelation(_floats(before), true), RankCorrelation(_floats(after), true))}


def _classified(examples: Sequence[Example], before: Sequence[Any], after: Sequence[Any]) -> dict[str, Pair]:
    right = [_as(Labelled, each).labels for each in examples]

    def accuracy(told: Sequence[Labelling]) -> Mean:
        return Mean(np.array([float(a == b.labels) for a, b in zip(right, told, strict=True)]))

    return {"accuracy": (accuracy(before), accuracy(after)), **_labelled_counts(examples, before, after, ("macro_f1",))}


def _multilabelled(examples: Sequence[Example], before: Sequence[Any], after: Sequence[Any]) -> dict[str, Pair]:
    return _labelled_counts(examples, before, after, ("micro_f1", "macro_f1"))


def _labelled_counts(
    examples: Sequence[Example], before: Sequence[Labelling], after: Sequence[Labelling], averages: tuple[Average, ...]
) -> dict[str, Pair]:
    right = [frozenset(_as(Labelled, each).labels) for each in examples]
    old, new = ([frozenset(each.labels) for each in told] for told in (before, after))
    return _counted(right, old, new, {each: each for each in averages}, str)


def _tagged(examples: Sequence[Example], before: Sequence[Any], after: Sequence[Any]) -> dict[str, Pair]:
    """A span counts when its ends and its type are right."""
    right = [frozenset(_as(Tagged, each).spans) for each in examples]
    old, new = ([frozenset(each) for each in told] for told in (before, after))
    averages: dict[str, Average] = {"f1": "micro_f1", "precision": "precision", "recall": "recall"}
    return _counted(right, old, new, averages, lambda span: span.type)


Found = Sequence[frozenset[Any]]


def _counted(
    right: Found, old: Found, new: Found, averages: Mapping[str, Average], label_of: Callable[[Any], str]
) -> dict[str, Pair]:
    names = sorted({label_of(each) for found in (right, old, new) for one in found for each in one})
    labels = {name: number for number, name in enumerate(names)}

    def evidence(told: Found, average: Average) -> Counts:
        return counts(right, told, average, labels, label_of)

    return {name: (evidence(old, average), evidence(new, average)) for name, average in averages.items()}


def _regressed(examples: Sequence[Example], before: Sequence[Any], after: Sequence[Any]) -> dict[str, Pair]:
    true = np.array([_as(Valued, each).value for each in examples])
    old, new = _floats(before), _floats(after)
    return {
        "mae": (Mean(np.abs(old - true)), Mean(np.abs(new - true))),
        "rmse": (RootMeanSquare(old - true), RootMeanSquare(new - true)),
        "spearman": (RankCorrelation(old, true), RankCorrelation(new, true)),
    }


def _floats(told: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One number an example; a pair's score may come as a list of one."""
    return np.array([np.ravel(each)[0] for each in told], dtype=np.float64)


def _as(kind: type[Kind], example: Example) -> Kind:
    if not isinstance(example, kind):
        raise BadRequest(
            f"The test split holds a {type(example).__name__} where this task has a {kind.__name__}.",
            "Compare models on the data of their own task.",
        )
    return example


_BY_TASK: Mapping[str, Callable[[Sequence[Example], Sequence[Any], Sequence[Any]], dict[str, Pair]]] = {
    "match": _ranked,
    "rerank": _ranked,
    "classify": _classified,
    "multilabel": _multilabelled,
    "tag": _tagged,
    "regress": _regressed,
}
