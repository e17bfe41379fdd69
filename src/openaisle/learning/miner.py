"""The model as it is before its training, as an encoder that looks for hard negatives."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from openaisle.learning.data import data_set
from openaisle.learning.examples import Candidate, JudgedQuery
from openaisle.learning.heads import build_head
from openaisle.learning.recipe import Recipe
from openaisle.learning.training.opening import loss_options, open_base
from openaisle.models.open import EncoderOptions, open_encoder
from openaisle.models.protocol import Encoder, EncoderIdentity, Vectors
from openaisle.models.registry import Registry
from openaisle.models.registry.version import ENCODER, slot_of

_MINED = ("judgments", "pairs", "catalogue", "clicks")


def miner(recipe: Recipe, registry: Registry) -> Encoder | None:
    """The encoder that negatives are judged by; None where none are looked for, or the base makes no vectors."""
    if recipe.data.negatives == 0 or recipe.data.source not in _MINED or recipe.task not in ("match", "rerank"):
        return None
    if recipe.base == "starter":
        return open_encoder("starter")
    if "@" in recipe.base:
        version = registry.get(recipe.base)
        is_encoder = slot_of(version.lineage().task) == ENCODER
        return open_encoder(version.setting, EncoderOptions(registry=registry.folder)) if is_encoder else None
    return _HeadEncoder(recipe) if recipe.task == "match" else None


class _HeadEncoder:
    """A base that no exported model is of, by a match head that has learned nothing yet."""

    def __init__(self, recipe: Recipe) -> None:
        nothing = data_set([JudgedQuery("", (Candidate("", 1.0),))], [], [])
        head: Any = build_head("match", open_base(recipe), recipe.model, loss_options(recipe), nothing)
        self._head = head
        digest = hashlib.sha256(recipe.base.encode()).hexdigest()
        self.identity = EncoderIdentity(recipe.base, "", head.dimensions, digest)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = self._head.encode(texts, "query")
        return vectors

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = self._head.encode(texts, "document")
        return vectors
