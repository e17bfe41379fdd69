"""A logistic regression as the layer of a classifier: fitted at once, not trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import nn

from openaisle.errors import DataError
from openaisle.learning.examples import Labelled
from openaisle.learning.heads.classify import ClassifyHead


def fit_logistic(head: ClassifyHead, examples: Sequence[Labelled], strength: float = 1.0) -> None:
    """Set the head's linear layer to the logistic regression of the labels on the pooled vectors, in place.

    `strength` is the inverse of the L2 penalty on standardised vectors, times their width. Raises `DataError` where a
    label of the head has no example.
    """
    wanted = [example.labels[0] for example in examples]
    missing = sorted(set(head.labels) - set(wanted))
    if missing:
        raise DataError(f"There is no example of {missing[0]!r}.", "Give one of each label.")
    vectors = _pooled(head, [example.text for example in examples])
    middle, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
    numbers = np.array([head.labels.index(label) for label in wanted])
    fitted = LogisticRegression(C=strength / vectors.shape[1], max_iter=1000).fit((vectors - middle) / spread, numbers)
    weight = fitted.coef_ / spread
    _set_layer(head, weight, fitted.intercept_ - weight @ middle)


def _pooled(head: ClassifyHead, texts: Sequence[str]) -> NDArray[np.float64]:
    """What the head's layer sees of each text."""
    module: Any = head.module
    layer, module.output = module.output, nn.Identity()
    try:
        return ClassifyHead.outputs(head, texts).astype(np.float64)
    finally:
        module.output = layer


def _set_layer(head: ClassifyHead, weight: NDArray[np.float64], bias: NDArray[np.float64]) -> None:
    """Of two labels, a logistic regression gives one row: the difference of theirs."""
    if len(weight) == 1:
        weight, bias = np.concatenate([-weight / 2, weight / 2]), np.concatenate([-bias / 2, bias / 2])
    module: Any = head.module
    layer = cast("nn.Linear", module.output[-1])
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(bias))
