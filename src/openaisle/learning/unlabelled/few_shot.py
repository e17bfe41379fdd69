"""Classification from a few labels a class: pairs teach the encoder what is alike, a logistic regression is the head.

Source: SetFit (Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import nn

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone
from openaisle.learning.data.digest import data_set
from openaisle.learning.examples import DataSet, Labelled, Scored
from openaisle.learning.heads.classify import ClassifyHead
from openaisle.learning.heads.match import MatchHead
from openaisle.learning.heads.protocol import ModelOptions
from openaisle.learning.heads.text_head import labels_of
from openaisle.learning.losses import LossOptions, build_loss
from openaisle.learning.losses.cross_entropy import CrossEntropy

Learn = Callable[[MatchHead, DataSet], None]
"""Trains a matching head on data, in place: the training run, with what a recipe says."""

PAIRS = 20
"""Pairs of each kind that a text begins, as in the paper."""


def few_shot(
    backbone: Backbone,
    options: ModelOptions,
    examples: Sequence[Labelled],
    learn: Learn,
    *,
    pairs: int = PAIRS,
    seed: int,
) -> ClassifyHead:
    """A classifier learned from `examples`, one label each. Raises `DataError` for fewer than two labels."""
    labels = labels_of(examples)
    loss: Any = build_loss(LossOptions("cosine_similarity"), "vectors")
    learn(MatchHead(backbone, options, loss), data_set(contrastive_pairs(examples, pairs, seed), (), ()))
    head = ClassifyHead(backbone, options, CrossEntropy(), labels)
    fit_logistic(head, examples)
    return head


def contrastive_pairs(examples: Sequence[Labelled], each: int, seed: int) -> list[Scored]:
    """For each text, `each` others of its label (1) and `each` of other labels (0), drawn with replacement.

    A label of a single text gives only pairs with others.
    """
    random = np.random.default_rng(seed)
    by_label: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        by_label[example.labels[0]].append(example.text)
    found: dict[Scored, None] = {}
    for example in examples:
        own = [text for text in by_label[example.labels[0]] if text != example.text]
        others = [text for label, texts in by_label.items() if label != example.labels[0] for text in texts]
        for partners, score in ((own, 1.0), (others, 0.0)):
            drawn = random.choice(len(partners), each) if partners else ()
            found.update({Scored(example.text, partners[position], score): None for position in drawn})
    pairs = list(found)
    return [pairs[position] for position in random.permutation(len(pairs))]


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
        return head.outputs(texts).astype(np.float64)
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
