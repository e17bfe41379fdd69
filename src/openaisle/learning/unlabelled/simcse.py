"""SimCSE without labels: a text, read twice with different dropout, is nearer to itself than to the rest of the batch.

Source: Gao et al. 2021, "SimCSE: Simple Contrastive Learning of Sentence Embeddings", section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from openaisle.errors import TrainingError
from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example
from openaisle.learning.heads.pooling import exact
from openaisle.learning.heads.protocol import ModelOptions
from openaisle.learning.unlabelled.pretraining import PretrainingHead, PretrainingModule, texts_of


class OneAgainstTheOthers(nn.Module):
    """Unit vectors of two readings (n, d) each, and a number for each distinct text (n,) → the loss of each: (n,).

    A text that a batch holds twice is no negative of itself.
    """

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self._temperature = temperature

    def forward(self, first: Tensor, second: Tensor, number: Tensor) -> Tensor:
        own = torch.arange(len(first), device=first.device)
        same = number[:, None] == number[None, :]
        same[own, own] = False
        cosines = (first @ second.T / self._temperature).masked_fill(same, float("-inf"))
        return cross_entropy(cosines, own, reduction="none")


class SimcseModule(PretrainingModule):
    def forward(  # type: ignore[override]
        self, input_ids: Tensor, attention_mask: Tensor, number: Tensor
    ) -> dict[str, Tensor]:
        return self.mean(input_ids=input_ids, attention_mask=attention_mask, number=number)

    def per_text(self, **batch: Tensor) -> tuple[Tensor, Tensor]:
        first = self.infer(batch["input_ids"], batch["attention_mask"])
        second = self.infer(batch["input_ids"], batch["attention_mask"])
        with exact(first):
            losses: Tensor = self.loss(first.float(), second.float(), batch["number"])
        return losses, torch.ones_like(losses)


class SimcseHead(PretrainingHead):
    """Raises `TrainingError` where the backbone has no dropout: both readings would be the same."""

    task: ClassVar[str] = "simcse"
    measured_in_training_mode: ClassVar[bool] = True

    def __init__(self, backbone: Backbone, options: ModelOptions, temperature: float = 0.05) -> None:
        _require_dropout(backbone.model)
        super().__init__(backbone, options, SimcseModule(backbone, options, OneAgainstTheOthers(temperature)))

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        texts = texts_of(examples)
        numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        read = self._reader.tensors(self._formed(texts, "document"))
        return read | {"number": torch.tensor([numbers[text] for text in texts])}


def _require_dropout(model: nn.Module) -> None:
    if not any(isinstance(module, nn.Dropout) and module.p > 0 for module in model.modules()):
        raise TrainingError("SimCSE learns from dropout, and this model has none.", "Set model.dropout = 0.1.")
