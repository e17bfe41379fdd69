"""Two models on one test split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from openaisle.errors import BadRequest
from openaisle.learning.comparison.change import MetricChange, change
from openaisle.learning.comparison.evidence import Mean
from openaisle.learning.comparison.measures import Pair, measures, text_of
from openaisle.learning.comparison.outcomes import Outcomes, check_sizes
from openaisle.learning.comparison.slices import Grouping, SliceChange, slices
from openaisle.learning.examples import Example
from openaisle.learning.recipe.sections import Task
from openaisle.models.registry.direction import higher_is_better


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """`after` against `before` on `examples`; `primary` is the metric that slices and changes are told by."""

    task: Task
    before: Outcomes
    after: Outcomes
    examples: tuple[Example, ...]
    primary: str
    metrics: Mapping[str, MetricChange]
    slices: tuple[SliceChange, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "before": self.before.name,
            "after": self.after.name,
            "examples": len(self.examples),
            "primary": self.primary,
            "metrics": {name: each.as_dict() for name, each in self.metrics.items()},
            "slices": [each.as_dict() for each in self.slices],
        }


def compare_models(
    before: Outcomes,
    after: Outcomes,
    examples: Sequence[Example],
    task: Task,
    *,
    primary: str | None = None,
    categories: Mapping[str, str] | None = None,
    frequencies: Mapping[str, float] | None = None,
) -> ModelComparison:
    """Compare two models' outcomes on the test split `examples`.

    `primary` is the metric to tell slices and changes by, by default the task's first. `categories` and `frequencies`
    (how often it is asked), by query or text, give further slices. Raises `BadRequest` when nothing can be compared.
    """
    examples = tuple(examples)
    if not examples:
        raise BadRequest("There are no examples to compare on.", "Keep a share of the data for the test split.")
    for outcomes in (before, after):
        check_sizes(outcomes, len(examples))
    evidence = _evidence(before, after, examples, task)
    chosen = _primary(primary, evidence)
    texts = tuple(map(text_of, examples))
    changes = {name: change(name, *pair, texts, not higher_is_better(name)) for name, pair in evidence.items()}
    grouping = Grouping(categories or {}, frequencies or {})
    return ModelComparison(
        task, before, after, examples, chosen, changes, slices(examples, *evidence[chosen], grouping, chosen)
    )


def _evidence(before: Outcomes, after: Outcomes, examples: tuple[Example, ...], task: Task) -> dict[str, Pair]:
    """Metrics made of predictions, then those that both models tell by example."""
    made: dict[str, Pair] = {}
    if before.predictions and after.predictions:
        made = measures(examples, before.predictions, after.predictions, task)
    told: dict[str, Pair] = {
        name: (Mean(before.value(name)), Mean(after.value(name)))
        for name in before.values
        if name in after.values and name not in made
    }
    evidence = {**made, **{name: pair for name, pair in told.items() if _has_values(pair)}}
    if not evidence:
        raise BadRequest("The two models have no metric in common.", "Give predictions, or values by example, of both.")
    return evidence


def _has_values(pair: Pair) -> bool:
    return all(not np.isnan(each.per_example()).all() for each in pair)


def _primary(wanted: str | None, evidence: Mapping[str, Pair]) -> str:
    if wanted is None:
        return next(iter(evidence))
    if wanted not in evidence:
        raise BadRequest(f"{wanted} was not measured.", f"Measured are {', '.join(evidence)}.")
    return wanted
