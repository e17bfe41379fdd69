"""From a recipe of the task `distil` to its head: the teachers asked, their vectors joined, the student ready."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from openaisle.errors import RecipeError
from openaisle.learning.backbones import Backbone
from openaisle.learning.compression.beginning import begin_near
from openaisle.learning.compression.distil import DistilHead
from openaisle.learning.compression.targets import Targets, drawn_together, join
from openaisle.learning.compression.teachers import cached_vectors, open_teacher, read_vectors
from openaisle.learning.examples import DataSet, Example, Plain
from openaisle.learning.heads.protocol import ModelOptions
from openaisle.learning.losses import LossOptions, build_loss
from openaisle.learning.losses.embedding_distillation import EmbeddingDistillation

_TOGETHER = 0.5
"""How far translations' targets move towards their mean. Teachers differ between languages, and all the way would
cost what they know within one."""


def build_distil_head(
    backbone: Backbone,
    model: ModelOptions,
    loss: LossOptions,
    data: DataSet,
    teachers: Sequence[str],
    *,
    cache: Path | None = None,
    weights: Sequence[float] = (),
) -> DistilHead:
    """The head that learns from these teachers, as they count (`weights`, all the same without).

    A teacher may be a `.npy` file: a vector for each of `distil_texts(data)`, in their order. Vectors of the others are
    kept in `cache`. Raises `RecipeError`, `ModelError`, `StorageError`.
    """
    targets = targets_of(data, teachers, model.dimensions or backbone.dimensions, cache or usual_cache(), weights)
    distance = build_loss(loss, "teacher")
    if not isinstance(distance, EmbeddingDistillation):
        raise RecipeError(f"train.loss cannot be {loss.name} for this task.", "Leave it out.")
    student = DistilHead(backbone, model, distance, targets)
    begin_near(student, targets, _distinct(data.train))
    return student


def targets_of(
    data: DataSet, teachers: Sequence[str], dimensions: int, cache: Path, weights: Sequence[float] = ()
) -> Targets:
    """The targets of all texts of all splits; the projection is fitted on the training texts."""
    texts = distil_texts(data)
    vectors = [
        read_vectors(Path(name).expanduser(), len(texts))
        if name.endswith(".npy")
        else cached_vectors(open_teacher(name), texts, cache)
        for name in teachers
    ]
    training = len(_distinct(data.train))
    joined = join(texts, vectors, tuple(weights) or (1.0,) * len(vectors), dimensions, training)
    pairs = [(one.text, one.other) for one in _plain(data) if one.other]
    return drawn_together(joined, pairs, _TOGETHER) if pairs else joined


def distil_texts(data: DataSet) -> list[str]:
    """Every distinct text of a data set, translations too, the training split's first."""
    return _distinct((*data.train, *data.validation, *data.test))


def usual_cache() -> Path:
    """Where teachers' vectors are kept between trainings."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "openaisle" / "teachers"


def _distinct(examples: Sequence[Example]) -> list[str]:
    texts = (text for one in examples if isinstance(one, Plain) for text in (one.text, one.other) if text)
    return list(dict.fromkeys(texts))


def _plain(data: DataSet) -> list[Plain]:
    return [one for one in (*data.train, *data.validation, *data.test) if isinstance(one, Plain)]
