"""What a model said on every example of a test split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openaisle.errors import BadRequest
from openaisle.learning.examples import Span

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelling:
    """Labels a model gave a text: one for classification, any number for multi-label.

    `confidence` is the probability of the one label, 0 to 1; None where the model tells none.
    """

    labels: tuple[str, ...]
    confidence: float | None = None


Prediction = Sequence[float] | Labelling | tuple[Span, ...] | float
"""By task: a score a candidate (match, rerank), a labelling (classify, multilabel), spans (tag), a number (regress)."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One model on a test split, everything in the order of its examples.

    `predictions` give all the metrics of the task, pictures and what changed. `values` are further metrics that are a
    mean over examples (`recall@100`, or a head's own figures where predictions are not at hand); NaN where an example
    has no value.
    """

    name: str
    predictions: Sequence[Prediction] = ()
    values: Mapping[str, ArrayLike] = field(default_factory=dict)

    def value(self, metric: str) -> Floats:
        return np.asarray(self.values[metric], dtype=np.float64)


def check_sizes(outcomes: Outcomes, examples: int) -> None:
    """Raises `BadRequest` when something is told for more or fewer examples than there are."""
    sizes = {"predictions": len(outcomes.predictions)} if outcomes.predictions else {}
    sizes |= {metric: outcomes.value(metric).size for metric in outcomes.values}
    for told, size in sizes.items():
        if size != examples:
            raise BadRequest(
                f"{outcomes.name} tells {told} of {size} examples, and the test split has {examples}.",
                "Compare models on the same test split.",
            )
