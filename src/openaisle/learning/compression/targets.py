"""One target vector a text from one or several teachers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ModelError

Vectors = NDArray[np.float32]

_AT_A_TIME = 8192
_FIT_ON = 50_000
"""Texts that the projection is fitted on: more do not move it."""


@dataclass(frozen=True, slots=True)
class Targets:
    """`rows` says where a text's vector is in `vectors`, (texts, dimensions), of unit length; `kept` is the share of
    the teachers' squared length that the projection keeps (1 without one)."""

    rows: Mapping[str, int]
    vectors: Vectors
    kept: float

    @property
    def dimensions(self) -> int:
        return int(self.vectors.shape[1])

    def of(self, texts: Sequence[str]) -> Vectors:
        """(texts, dimensions). Raises `ModelError` for a text that the teachers were not asked about."""
        try:
            return self.vectors[[self.rows[text] for text in texts]]
        except KeyError as error:
            raise ModelError(
                f"The teachers were not asked about {str(error.args[0])[:80]!r}.", "Compute the targets of all splits."
            ) from None


def join(
    texts: Sequence[str], teachers: Sequence[Vectors], weights: Sequence[float], dimensions: int, fit: int
) -> Targets:
    """Targets of `dimensions` numbers from teachers' unit vectors, (texts, d) each.

    They are set side by side, each scaled by the root of its weight: so the cosine of two targets is the weighted mean
    of the teachers' cosines. More numbers than `dimensions` are projected onto the principal axes of the first `fit`
    texts (the training split), not centred, since it is cosines that the projection has to keep; fewer are filled up
    with zeros. Raises `ModelError` for weights that are not positive or not as many as teachers.
    """
    if len(weights) != len(teachers) or not teachers or min(weights) <= 0:
        raise ModelError("Each teacher needs a weight above 0.", "Give as many weights as teachers.")
    scales = np.sqrt(np.asarray(weights, np.float32) / np.float32(sum(weights)))
    width = sum(vectors.shape[1] for vectors in teachers)
    axes, kept = _axes(teachers, scales, dimensions, min(fit, _FIT_ON)) if width > dimensions else (None, 1.0)
    joined = np.zeros((len(texts), dimensions), np.float32)
    for start in range(0, len(texts), _AT_A_TIME):
        part = _side_by_side(teachers, scales, slice(start, start + _AT_A_TIME))
        projected = part if axes is None else part @ axes
        joined[start : start + len(part), : projected.shape[1]] = projected
    joined /= np.maximum(np.linalg.norm(joined, axis=1, keepdims=True), 1e-12)
    return Targets({text: row for row, text in enumerate(texts)}, joined, kept)


def drawn_together(targets: Targets, pairs: Sequence[tuple[str, str]], share: float) -> Targets:
    """The targets with those of translations moved towards their mean: all the way with `share` 1, not at all with 0.

    A text with several translations is moved towards the mean of all of them and itself.
    """
    sums: dict[str, Vectors] = {}
    for text, other in pairs:
        for one, another in ((text, other), (other, text)):
            held = sums.get(one)
            own = targets.vectors[targets.rows[one]] if held is None else held
            sums[one] = own + targets.vectors[targets.rows[another]]
    moved = targets.vectors.copy()
    for text, total in sums.items():
        row = targets.rows[text]
        moved[row] = (1 - share) * moved[row] + share * total / max(float(np.linalg.norm(total)), 1e-12)
    moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return Targets(targets.rows, moved, targets.kept)


def _axes(teachers: Sequence[Vectors], scales: Vectors, dimensions: int, fit: int) -> tuple[Vectors, float]:
    """The principal axes, (width, dimensions), and the share of the squared length along them."""
    width = sum(vectors.shape[1] for vectors in teachers)
    moments = np.zeros((width, width), np.float64)
    for start in range(0, fit, _AT_A_TIME):
        part = _side_by_side(teachers, scales, slice(start, min(start + _AT_A_TIME, fit))).astype(np.float64)
        moments += part.T @ part
    lengths, axes = np.linalg.eigh(moments)
    kept = float(lengths[-dimensions:].sum() / max(lengths.sum(), 1e-12))
    return np.ascontiguousarray(axes[:, ::-1][:, :dimensions]).astype(np.float32), kept


def _side_by_side(teachers: Sequence[Vectors], scales: Vectors, rows: slice) -> Vectors:
    parts = [np.asarray(vectors[rows], np.float32) * scale for vectors, scale in zip(teachers, scales, strict=True)]
    return np.concatenate(parts, axis=1)
