"""A student that gives the vectors of its teachers: a head for the task `distil`.

Sources: Reimers and Gurevych 2020, "Making Monolingual Sentence Embeddings Multilingual using Knowledge Distillation"
(a text and its translation share one target); Tung and Mori 2019, "Similarity-Preserving Knowledge Distillation" (the
similarities within a batch); Henderson et al. 2017 (translations against the rest of the batch).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

from openaisle.errors import RecipeError
from openaisle.learning.backbones import Backbone
from openaisle.learning.compression.targets import Targets
from openaisle.learning.examples import Example, Plain
from openaisle.learning.heads.pooling import exact
from openaisle.learning.heads.protocol import ModelOptions
from openaisle.learning.losses.embedding_distillation import EmbeddingDistillation
from openaisle.learning.unlabelled.pretraining import PretrainingHead, PretrainingModule, texts_of

_ALONE = -1


@dataclass(frozen=True, slots=True)
class Shares:
    """How much each part of the loss counts besides the distance to the target, which counts 1.

    `similarities`: squared error of the cosines within a batch, times 10 (they differ by tenths; weighed higher, they
    drown the target); `translations`: a text's translation against the other translations of the batch, at
    `temperature`.
    """

    similarities: float = 1.0
    translations: float = 0.1
    temperature: float = 0.05


class DistilLoss(nn.Module):
    def __init__(self, distance: EmbeddingDistillation, shares: Shares) -> None:
        super().__init__()
        self._distance = distance
        self._shares = shares

    def forward(self, vectors: Tensor, target: Tensor, partner: Tensor) -> Tensor:
        """Unit vectors and targets (n, d), and for each the row of its translation, -1 for none → a scalar."""
        loss: Tensor = self._distance(vectors, target)
        if self._shares.similarities and len(vectors) > 1:
            loss = loss + 10 * self._shares.similarities * mse_loss(vectors @ vectors.T, target @ target.T)
        texts = torch.nonzero(partner > torch.arange(len(partner), device=partner.device))[:, 0]
        if self._shares.translations and len(texts) > 1:
            loss = loss + self._shares.translations * self._apart(vectors, target, texts, partner[texts])
        return loss

    def _apart(self, vectors: Tensor, target: Tensor, texts: Tensor, others: Tensor) -> Tensor:
        scores = vectors[texts] @ vectors[others].T / self._shares.temperature
        # what the teachers hold for the same thing is no negative
        same = (target[texts] @ target[others].T > 0.95) & ~torch.eye(len(texts), dtype=torch.bool, device=texts.device)
        scores = scores.masked_fill(same, float("-inf"))
        own = torch.arange(len(texts), device=texts.device)
        return (cross_entropy(scores, own) + cross_entropy(scores.T, own)) / 2


class DistilModule(PretrainingModule):
    def forward(  # type: ignore[override]
        self, input_ids: Tensor, attention_mask: Tensor, target: Tensor, partner: Tensor
    ) -> dict[str, Tensor]:
        vectors = self.infer(input_ids, attention_mask)
        with exact(vectors):
            return {"loss": self.loss(vectors.float(), target, partner)}

    def per_text(self, **batch: Tensor) -> tuple[Tensor, Tensor]:
        """Distances from the targets, 1 - cosine."""
        vectors = self.infer(batch["input_ids"], batch["attention_mask"])
        distances = 1 - (vectors.float() * batch["target"]).sum(dim=1)
        return distances, torch.ones_like(distances)


class DistilHead(PretrainingHead):
    """Learns from `Plain` texts and, where they have one, their translation (`other`). Saved, it is a matching head.

    The student's vectors must be as long as the targets: set `dimensions` where the backbone is wider or narrower.
    """

    task: ClassVar[str] = "distil"
    metric: ClassVar[str] = "loss"

    def __init__(
        self,
        backbone: Backbone,
        options: ModelOptions,
        distance: EmbeddingDistillation,
        targets: Targets,
        shares: Shares = Shares(),
    ) -> None:
        super().__init__(backbone, options, DistilModule(backbone, options, DistilLoss(distance, shares)))
        if self.dimensions != targets.dimensions:
            raise RecipeError(
                f"The student's vectors have {self.dimensions} dimensions, its targets {targets.dimensions}.",
                f"Set model.dimensions = {targets.dimensions}.",
            )
        self._targets = targets

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        texts = texts_of(examples)
        others = [(row, one.other) for row, one in enumerate(examples) if isinstance(one, Plain) and one.other]
        partner = torch.full((len(texts) + len(others),), _ALONE)
        for place, (row, _) in enumerate(others, start=len(texts)):
            partner[row], partner[place] = place, row
        every = [*texts, *(other for _, other in others)]
        read = self._reader.tensors(self._formed(every, "query"))
        return read | {"target": torch.from_numpy(self._targets.of(every)), "partner": partner}

    def length(self, example: Example) -> int:
        texts = [text for text in (*texts_of([example]), getattr(example, "other", "")) if text]
        return max(len(row["input_ids"]) for row in self._reader.read(self._formed(texts, "query")))

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        """`loss`: the mean distance from the targets, 1 - cosine. Lower is better."""
        return {"loss": float(self.per_example(examples)["loss"].mean())} if examples else {"loss": float("nan")}

    def _losses(self, examples: Sequence[Example]) -> NDArray[np.float64]:
        """Of an example the mean of its text's distance and its translation's."""
        device = next(self.module.parameters()).device
        batch = {name: tensor.to(device) for name, tensor in self.collate(examples).items()}
        distances, _ = self.module.per_text(**batch)
        own, partner = distances[: len(examples)], batch["partner"][: len(examples)]
        other = torch.where(partner == _ALONE, own, distances[partner.clamp(min=0)])
        return ((own + other) / 2).double().cpu().numpy()
