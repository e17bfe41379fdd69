"""Embedding distillation: the student's vector where the teacher's is (Reimers and Gurevych, 2020, "Making Monolingual
Sentence Embeddings Multilingual using Knowledge Distillation").

    cosine:  loss = mean over texts of 1 − cos(student, teacher)
    mse:     loss = mean over texts and dimensions of (student − teacher)²

sentence-transformers' EmbedDistillLoss. Both vectors must have the same length: a teacher's longer ones are projected
before (by principal components, say).
"""

from __future__ import annotations

from typing import Literal

from sentence_transformers.sentence_transformer.losses import EmbedDistillLoss
from torch import Tensor, nn


class EmbeddingDistillation(nn.Module):
    def __init__(self, distance: Literal["cosine", "mse"] = "cosine") -> None:
        super().__init__()
        self._published = EmbedDistillLoss(None, distance_metric=distance)  # type: ignore[arg-type]

    def forward(self, vectors: Tensor, teacher: Tensor) -> Tensor:
        """Vectors of the same texts, (texts, dimensions) both → a scalar; nothing flows back into the teacher's."""
        loss: Tensor = self._published.compute_loss_from_embeddings([vectors], [teacher.detach()])
        return loss
