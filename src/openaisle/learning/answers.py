"""What a head says of each example of a split, as the comparison takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openaisle.learning.comparison import Labelling, Outcomes, Prediction
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.examples import Example, JudgedQuery, Plain, Triplet
from openaisle.learning.heads import Head
from openaisle.learning.heads.lists import measured
from openaisle.learning.retrieval import recall

_POOL = 100
"""Texts that an answer is ranked among where the data name none that does not answer."""


def comparable(examples: Sequence[Example]) -> tuple[Example, ...]:
    """The examples as they are compared on: queries that have only answers are given others to rank them among.

    Plain texts are not: what pretraining is worth shows in the task that is trained next.
    """
    if any(isinstance(example, Plain) for example in examples):
        return ()
    ranked = all(isinstance(example, JudgedQuery | Triplet) for example in examples)
    return tuple(measured(examples, _POOL)) if ranked else tuple(examples)


def answers(head: Head, name: str, examples: Sequence[Example], shelf: Shelf, recall_at: int) -> Outcomes:
    """The outcomes of the head called `name` on examples from `comparable`; with `recall_at`, what it finds among all
    products on the shelf, too."""
    return Outcomes(name, _predictions(head, examples), recall(head, examples, shelf, recall_at))


def _predictions(head: Any, examples: Sequence[Any]) -> Sequence[Prediction]:
    match head.task:
        case "match" | "rerank":
            return [scores.tolist() for scores in head.predict(examples)]
        case "classify":
            rows = head.probabilities([example.text for example in examples])
            return [Labelling((head.labels[row.argmax()],), float(row.max())) for row in rows]
        case "multilabel":
            return [Labelling(labels) for labels in head.predict([example.text for example in examples])]
        case "tag":
            return list(head.predict([example.text for example in examples]))
        case _:
            return [float(value) for value in head.predict([example.text for example in examples])]
