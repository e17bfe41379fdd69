"""Losses by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torch import nn

from openaisle.errors import RecipeError
from openaisle.learning.losses.bce_similarity import BceSimilarity
from openaisle.learning.losses.binary_codes import BinaryCodes
from openaisle.learning.losses.binary_cross_entropy import BinaryCrossEntropy
from openaisle.learning.losses.cached_multiple_negatives import CachedMultipleNegatives
from openaisle.learning.losses.contrastive import Contrastive
from openaisle.learning.losses.cosine_similarity import CosineSimilarity
from openaisle.learning.losses.cross_entropy import CrossEntropy
from openaisle.learning.losses.embedding_distillation import EmbeddingDistillation
from openaisle.learning.losses.lambda_rank import LambdaRank
from openaisle.learning.losses.margin_mse import MarginMse
from openaisle.learning.losses.matryoshka import Matryoshka
from openaisle.learning.losses.mean_squared_error import MeanSquaredError
from openaisle.learning.losses.multiple_negatives import MultipleNegatives
from openaisle.learning.losses.on_similarity import OnSimilarity
from openaisle.learning.losses.protocol import LossOptions, ScoreLoss, Takes, VectorLoss
from openaisle.learning.losses.random_field import RandomField
from openaisle.learning.losses.softmax import Softmax
from openaisle.learning.losses.triplet import Triplet

Makes = Callable[[LossOptions], nn.Module]

_VECTORS: Mapping[str, Callable[[LossOptions], VectorLoss]] = MappingProxyType(
    {
        "multiple_negatives": lambda options: MultipleNegatives(options.temperature),
        "cached_multiple_negatives": lambda options: CachedMultipleNegatives(options.temperature, options.mini_batch),
        "bce_similarity": lambda options: BceSimilarity(options.temperature),
        "cosine_similarity": lambda _: CosineSimilarity(),
        "contrastive": lambda options: Contrastive(options.margin),
        "triplet": lambda options: Triplet(options.margin),
        # gains lie between 0 and 1, as differences of cosines do: nothing to scale
        "margin_mse": lambda _: OnSimilarity(MarginMse(), 1.0),
        "lambda": lambda options: OnSimilarity(LambdaRank(), options.temperature),
        "softmax": lambda options: OnSimilarity(Softmax(), options.temperature),
    }
)
_SCORES: Mapping[str, Callable[[LossOptions], ScoreLoss]] = MappingProxyType(
    {
        "binary_cross_entropy": lambda _: BinaryCrossEntropy(),
        "mean_squared_error": lambda _: MeanSquaredError(),
        "margin_mse": lambda _: MarginMse(),
        "lambda": lambda _: LambdaRank(),
        "softmax": lambda _: Softmax(),
    }
)
_BY_INPUT: Mapping[Takes, Mapping[str, Makes]] = MappingProxyType(
    {
        "vectors": _VECTORS,
        "scores": _SCORES,
        "logits": {"cross_entropy": lambda _: CrossEntropy()},
        "tags": {"cross_entropy": lambda _: CrossEntropy(), "random_field": lambda _: RandomField()},
        "values": {"mean_squared_error": lambda _: MeanSquaredError()},
        "labels": {"binary_cross_entropy": lambda _: BinaryCrossEntropy()},
        "teacher": {
            "embedding_distillation": lambda _: EmbeddingDistillation("cosine"),
            "embedding_distillation_mse": lambda _: EmbeddingDistillation("mse"),
        },
    }
)
_CODES = "binary_codes"


def loss_names(takes: Takes) -> tuple[str, ...]:
    """The names of the losses that compare this, the usual one first."""
    names = tuple(_BY_INPUT[takes])
    return (*names, *(f"{_CODES}:{name}" for name in names)) if takes == "vectors" else names


def build_loss(options: LossOptions, takes: Takes) -> nn.Module:
    """The loss of a recipe for a head that gives it `takes`; an empty name is the usual one.

    `binary_codes:NAME` wraps NAME, `binary_codes` alone the usual one. Raises `RecipeError` for a name that does not
    fit.
    """
    outer, _, rest = options.name.partition(":")
    name = rest if outer == _CODES else options.name
    made = _BY_INPUT[takes].get(name or loss_names(takes)[0])
    if made is None or (outer == _CODES and takes != "vectors"):
        raise RecipeError(
            f"train.loss cannot be {options.name} for this task.", f"Set it to one of {', '.join(loss_names(takes))}."
        )
    loss = made(options)
    if outer == _CODES and isinstance(loss, VectorLoss):
        loss = BinaryCodes(loss)
    if options.matryoshka and isinstance(loss, VectorLoss):
        loss = Matryoshka(loss, options.matryoshka)
    return loss
