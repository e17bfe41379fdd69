"""A logistic regression as the layer of a classifier: fitted at once, not trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold
from torch import nn

from openaisle.errors import DataError
from openaisle.learning.examples import Labelled
from openaisle.learning.heads.classify import ClassifyHead, label_of

MOST = 5000
"""Examples that a regression is fitted on: more change little and take long."""
_CROSSED = 1000
"""So many of them are enough to choose a strength by."""
_STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0)
_USUAL = 10.0
_FOLDS = 3
_SEED = 7

Vectors = NDArray[np.float64]
Numbers = NDArray[np.int64]


def fit_logistic(head: ClassifyHead, examples: Sequence[Labelled]) -> None:
    """Set the head's linear layer to the logistic regression of the labels on the pooled vectors, in place.

    Of more than `MOST` examples it takes as many at random, some of every label. How strongly the weights may grow is
    chosen by cross-validation. Raises `DataError` where a label of the head has no example.
    """
    chosen = some_of(examples, MOST)
    numbers = numbers_of(head, chosen)
    vectors = _pooled(head, [example.text for example in chosen])
    middle, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
    standard = (vectors - middle) / spread
    some = _some(len(numbers), _CROSSED)
    strength = _strength(standard[some], numbers[some])
    fitted = _regression(strength, standard.shape[1]).fit(standard, numbers)
    weight = fitted.coef_ / spread
    _set_layer(head, weight, fitted.intercept_ - weight @ middle)


def some_of(examples: Sequence[Labelled], most: int) -> Sequence[Labelled]:
    """At most so many of the examples, at random, and one of each label besides."""
    if len(examples) <= most:
        return examples
    one_each = {label_of(example): number for number, example in enumerate(examples)}
    return [examples[number] for number in sorted({*one_each.values(), *_some(len(examples), most).tolist()})]


def _some(count: int, most: int) -> Numbers:
    """At most so many of the numbers below `count`, at random, in order."""
    return np.sort(np.random.default_rng(_SEED).permutation(count)[:most])


def numbers_of(head: ClassifyHead, examples: Sequence[Labelled]) -> Numbers:
    """The place of each example's label among the head's. Raises `DataError` where a label has no example."""
    labels = [label_of(example) for example in examples]
    missing = sorted(set(head.labels) - set(labels))
    if missing:
        raise DataError(f"There is no example of {missing[0]!r}.", "Give one of each label.")
    places = {label: number for number, label in enumerate(head.labels)}
    return np.array([places[label] for label in labels], np.int64)


def _strength(vectors: Vectors, numbers: Numbers) -> float:
    """The strength whose regression gets most right of what it was not fitted on, of equals the least; the usual one
    where that tells nothing."""
    folds = _folds(vectors, numbers)
    right = [sum(_right(strength, vectors, numbers, *fold) for fold in folds) for strength in _STRENGTHS]
    return _USUAL if min(right) == max(right) else _STRENGTHS[int(np.argmax(right))]


def _folds(vectors: Vectors, numbers: Numbers) -> list[tuple[Numbers, Numbers]]:
    """Rows to fit on and rows to predict; no folds where the rows to fit on would be of one label."""
    if len(numbers) < _FOLDS:
        return []
    every = np.unique(numbers, return_counts=True)[1].min() >= _FOLDS
    kind = StratifiedKFold if every else KFold
    folds = kind(_FOLDS, shuffle=True, random_state=_SEED).split(vectors, numbers)
    return [(learn, rest) for learn, rest in folds if len(set(numbers[learn])) > 1]


def _right(strength: float, vectors: Vectors, numbers: Numbers, learn: Numbers, rest: Numbers) -> int:
    fitted = _regression(strength, vectors.shape[1]).fit(vectors[learn], numbers[learn])
    return int((fitted.predict(vectors[rest]) == numbers[rest]).sum())


def _regression(strength: float, width: int) -> LogisticRegression:
    """`strength` is the inverse of the L2 penalty on standardised vectors, times their width."""
    return LogisticRegression(C=strength / width, max_iter=1000)


def _pooled(head: ClassifyHead, texts: Sequence[str]) -> Vectors:
    """What the head's layer sees of each text."""
    module: Any = head.module
    layer, grams = module.output, module.grams
    module.output, module.grams = nn.Identity(), None
    try:
        return ClassifyHead.outputs(head, texts).astype(np.float64)
    finally:
        module.output, module.grams = layer, grams


def both_rows(weight: Vectors, bias: Vectors) -> tuple[Vectors, Vectors]:
    """A row for each label: of two, a logistic regression gives one, the difference of theirs."""
    if len(weight) > 1:
        return weight, bias
    return np.concatenate([-weight / 2, weight / 2]), np.concatenate([-bias / 2, bias / 2])


def _set_layer(head: ClassifyHead, weight: Vectors, bias: Vectors) -> None:
    weight, bias = both_rows(weight, bias)
    module: Any = head.module
    layer = cast("nn.Linear", module.output[-1])
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(bias))
