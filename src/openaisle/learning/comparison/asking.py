"""Asking a head every example of a test split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from openaisle.errors import BadRequest
from openaisle.learning.comparison.measures import text_of
from openaisle.learning.comparison.outcomes import Labelling, Outcomes, Prediction
from openaisle.learning.examples import Example, Scored
from openaisle.learning.recipe.sections import Task

_POOL = 20
"""Texts that a query is given to tell apart, where nothing was judged irrelevant (as heads do)."""
_RANKING = ("match", "rerank")


def asked(examples: Sequence[Example], task: Task) -> tuple[Example, ...]:
    """The examples as both models are asked them: of ranking tasks, every query with a list to rank."""
    if task not in _RANKING or all(isinstance(each, Scored) for each in examples):
        return tuple(examples)
    from openaisle.learning.heads.lists import measured

    return tuple(measured(examples, _POOL))


def outcomes_of(
    name: str, head: Any, examples: Sequence[Example], *, values: Mapping[str, ArrayLike] | None = None
) -> Outcomes:
    """What `head` (of `openaisle.learning.heads`) says on `examples` (of `asked`); `values` are further metrics.

    Raises `BadRequest` for a head whose answers cannot be compared.
    """
    if head.task not in _PREDICTIONS:
        raise BadRequest(f"The task {head.task} has no predictions to compare.", "Compare its metrics by example.")
    return Outcomes(name, tuple(_PREDICTIONS[head.task](head, examples)), values or {})


def _rankings(head: Any, examples: Sequence[Example]) -> list[Prediction]:
    rows = [[float(score) for score in row] for row in head.predict(examples)]
    if examples and all(isinstance(each, Scored) for each in examples):
        return [row[0] for row in rows]
    return [tuple(row) for row in rows]


def _classes(head: Any, examples: Sequence[Example]) -> list[Prediction]:
    rows = head.probabilities([text_of(each) for each in examples])
    return [Labelling((head.labels[int(row.argmax())],), float(row.max())) for row in rows]


def _label_sets(head: Any, examples: Sequence[Example]) -> list[Prediction]:
    return [Labelling(tuple(labels)) for labels in head.predict([text_of(each) for each in examples])]


def _spans(head: Any, examples: Sequence[Example]) -> list[Prediction]:
    return [tuple(spans) for spans in head.predict([text_of(each) for each in examples])]


def _numbers(head: Any, examples: Sequence[Example]) -> list[Prediction]:
    return [float(value) for value in head.predict([text_of(each) for each in examples])]


_PREDICTIONS = {
    "match": _rankings,
    "rerank": _rankings,
    "classify": _classes,
    "multilabel": _label_sets,
    "tag": _spans,
    "regress": _numbers,
}
