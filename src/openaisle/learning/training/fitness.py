"""Whether there is anything to learn, before anything is spent on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from openaisle.errors import DataError, RecipeError
from openaisle.learning.examples import DataSet, Example, JudgedQuery, Labelled, Tagged
from openaisle.learning.recipe import Recipe

_CHECK = "See `openaisle data check` for what the data hold."


def require_learnable(data: DataSet, recipe: Recipe) -> None:
    """Raises `DataError` for data without examples, or all of one kind, `RecipeError` where they do not fit it."""
    if not data.train:
        raise DataError("There are no examples to learn from.", f"Check data.path and data.train. {_CHECK}")
    if recipe.train.patience and not data.validation:
        raise RecipeError(
            "train.patience needs a validation split, and it is empty.", "Set data.validation to 0.1, for example."
        )
    for kind, told in ((Labelled, _one_label), (Tagged, _no_span), (JudgedQuery, _one_gain)):
        examples = [example for example in data.train if isinstance(example, kind)]
        if len(examples) == len(data.train) and (detail := told(examples)):
            raise DataError(detail, _CHECK)


def _one_label(examples: Sequence[Example]) -> str:
    counts = Counter(label for example in examples if isinstance(example, Labelled) for label in example.labels)
    if not counts:
        return "No text has a label."
    only = next(iter(counts))
    always = all(isinstance(example, Labelled) and example.labels == (only,) for example in examples)
    return f"Every text has the label {only!r}, so there is nothing to tell apart." if always else ""


def _no_span(examples: Sequence[Example]) -> str:
    tagged = any(isinstance(example, Tagged) and example.spans for example in examples)
    return "" if tagged else "No text has a span to learn."


def _one_gain(examples: Sequence[Example]) -> str:
    gains = {
        candidate.gain for example in examples if isinstance(example, JudgedQuery) for candidate in example.candidates
    }
    if any(gain > 0 for gain in gains):
        return ""
    return "No text is judged relevant to its query." if gains else "No query has a judged text."
