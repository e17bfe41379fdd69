"""What either model said on one example, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openaisle.learning.comparison.compare import ModelComparison
from openaisle.learning.comparison.measures import candidates_of, ranking, text_of
from openaisle.learning.comparison.outcomes import Labelling
from openaisle.learning.examples import Example, JudgedQuery, Labelled, Tagged, Triplet, Valued

_SHOWN = 5


def detail(comparison: ModelComparison, place: int) -> Mapping[str, Sequence[str]]:
    """Lines by who says them: the truth, the model before, the model after. Empty without predictions."""
    if not (comparison.before.predictions and comparison.after.predictions):
        return {}
    example = comparison.examples[place]
    return {
        "expected": _expected(example),
        f"before: {comparison.before.name}": _said(example, comparison.before.predictions[place]),
        f"after: {comparison.after.name}": _said(example, comparison.after.predictions[place]),
    }


def _expected(example: Example) -> list[str]:
    match example:
        case JudgedQuery() | Triplet():
            best = sorted(candidates_of(example), key=lambda each: -each.gain)[:_SHOWN]
            return [f"{each.text} (gain {each.gain:g})" for each in best if each.gain > 0]
        case Labelled(labels=labels):
            return list(labels)
        case Tagged(spans=spans):
            return _spans(example, spans)
        case Valued(value=value):
            return [f"{value:g}"]
        case _:
            return []


def _said(example: Example, told: Any) -> list[str]:
    match example:
        case JudgedQuery() | Triplet():
            candidates = candidates_of(example)
            places = ranking(example, told)[:_SHOWN]
            return [f"{candidates[each].text} (gain {candidates[each].gain:g})" for each in places]
        case Labelled():
            return _labelling(told)
        case Tagged():
            return _spans(example, told)
        case _:
            return [f"{told:g}"]


def _labelling(told: Labelling) -> list[str]:
    sure = "" if told.confidence is None else f" ({told.confidence:.0%} sure)"
    return [f"{label}{sure}" for label in told.labels] or ["no label"]


def _spans(example: Example, spans: Sequence[Any]) -> list[str]:
    text = text_of(example)
    return [f"{text[each.start : each.end]} ({each.type})" for each in spans] or ["nothing"]
