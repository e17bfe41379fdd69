"""The logistic regression that a classifier's runs of tokens are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array
from sklearn.linear_model import LogisticRegression

from openaisle.learning.examples import Labelled
from openaisle.learning.heads.classify import ClassifyHead
from openaisle.learning.heads.grams import Grams
from openaisle.learning.heads.logistic import both_rows, numbers_of, some_of

_MOST = 50_000
"""Examples that the regression is fitted on."""
_STRENGTH = 10.0
"""Inverse of the L2 penalty."""
_BATCH = 256

Vector = NDArray[np.float64]


def fit_grams(head: ClassifyHead, examples: Sequence[Labelled]) -> None:
    """Fit the head's runs of tokens to the labels, in place. Of more than `_MOST` examples it takes as many at random,
    some of every label. Raises `DataError` where a label of the head has no example."""
    assert head.module.grams is not None
    chosen = some_of(examples, _MOST)
    numbers = numbers_of(head, chosen)
    counts = _counts(head, head.module.grams, [example.text for example in chosen])
    frequency = _inverse_document_frequency(counts)
    weight, bias = _fitted(counts, frequency, numbers)
    head.module.grams.fill(
        torch.from_numpy(frequency**2), torch.from_numpy((weight * frequency).T), torch.from_numpy(bias)
    )


def _fitted(counts: csr_matrix, frequency: Vector, numbers: NDArray[np.int64]) -> tuple[Vector, Vector]:
    """Weights (labels, buckets), 0 where no text has a run, and biases (labels,)."""
    lengths = np.sqrt(np.maximum(counts @ frequency**2, 1e-9))
    there = np.flatnonzero(frequency)
    weighted = csr_matrix(diags_array(1 / lengths) @ counts[:, there] @ diags_array(frequency[there]))
    fitted = LogisticRegression(C=_STRENGTH, max_iter=300).fit(weighted, numbers)
    some, bias = both_rows(fitted.coef_, fitted.intercept_)
    weight = np.zeros((len(some), len(frequency)))
    weight[:, there] = some
    return weight, bias


def _counts(head: ClassifyHead, grams: Grams, texts: Sequence[str]) -> csr_matrix:
    """How often each text has a run of each bucket, (texts, buckets)."""
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    for start in range(0, len(texts), _BATCH):
        batch = head.tensors(texts[start : start + _BATCH])
        for places, present in grams.places(batch["input_ids"], batch["attention_mask"]):
            row, token = np.nonzero(present.numpy())
            rows.append(row + start)
            columns.append(places.numpy()[row, token])
    ones = np.ones(sum(map(len, rows)))
    return csr_matrix((ones, (np.concatenate(rows), np.concatenate(columns))), shape=(len(texts), grams.buckets))


def _inverse_document_frequency(counts: csr_matrix) -> Vector:
    """Of each bucket; 0 where no text has a run."""
    texts, buckets = counts.shape
    having = np.bincount(counts.indices, minlength=buckets)
    values: Vector = np.where(having, np.log((1 + texts) / (1 + having)) + 1, 0.0)
    return values
