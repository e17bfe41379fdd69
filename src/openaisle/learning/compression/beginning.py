"""Where a student begins: as near to its targets as a linear map of what its layers give already can bring it.

A student cut out of a deeper model still sees most of what its parent saw, but in other directions. Finding those by
least squares takes seconds, and saves the training its first thousands of steps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from openaisle.learning.backbones.centring import Centring
from openaisle.learning.compression.distil import DistilHead
from openaisle.learning.compression.targets import Targets

_FIT_ON = 4000
_RIDGE = 1e-3
_SEED = 7


def begin_near(student: DistilHead, targets: Targets, texts: Sequence[str]) -> None:
    """Fit the student's centring and projection, those of them that it has, to the targets of some of these texts."""
    drawn = np.random.default_rng(_SEED).permutation(len(texts))[:_FIT_ON]
    sample = [texts[index] for index in drawn]
    if isinstance(student.module.finish, Centring):
        _fit_centring(student, sample)
    if student.module.projection is not None:
        _fit_projection(student, targets.of(sample), sample)


def _fit_centring(student: DistilHead, texts: Sequence[str]) -> None:
    """The means of texts without Han and of texts without Latin letters: those of the parent no longer hold."""
    centring = _centring(student)
    shares = _han_shares(student, texts)
    if not (shares == 0).any() or not (shares == 1).any():
        return
    student.module.finish = None
    vectors = _unprojected(student, texts)
    centring.english.copy_(torch.from_numpy(vectors[shares == 0].mean(axis=0)))
    centring.chinese.copy_(torch.from_numpy(vectors[shares == 1].mean(axis=0)))
    student.module.finish = centring


def _centring(student: DistilHead) -> Centring:
    finish = student.module.finish
    assert isinstance(finish, Centring)
    return finish


def _fit_projection(student: DistilHead, wanted: NDArray[np.float32], texts: Sequence[str]) -> None:
    projection = student.module.projection
    assert projection is not None
    given = _unprojected(student, texts)
    moments = given.T @ given + _RIDGE * np.eye(given.shape[1], dtype=np.float32)
    solution = np.linalg.solve(moments, given.T @ wanted)
    with torch.no_grad():
        projection.weight.copy_(torch.from_numpy(np.ascontiguousarray(solution.T)))


def _unprojected(student: DistilHead, texts: Sequence[str]) -> NDArray[np.float32]:
    projection = student.module.projection
    student.module.projection = None
    try:
        return student.encode(texts, "query")
    finally:
        student.module.projection = projection


def _han_shares(student: DistilHead, texts: Sequence[str]) -> NDArray[np.float32]:
    """Of the pieces of each text that are Han or Latin, the share that is Han; as if all were Latin where none is."""
    scripts = _centring(student).scripts.cpu().numpy().astype(np.int64)
    shares = []
    for row in student.tokenizer(list(texts), truncation=True)["input_ids"]:
        counts = scripts[row].sum(axis=0)
        shares.append(counts[0] / max(int(counts.sum()), 1))
    return np.array(shares, np.float32)
