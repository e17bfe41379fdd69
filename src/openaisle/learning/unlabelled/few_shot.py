"""Classification from a few labels a class: pairs teach the encoder what is alike, a logistic regression is the head.

Source: SetFit (Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts"). Its two stages are one training
here: each text of a batch is given a partner of its label, all of other labels are its opposites, and the regression is
fitted whenever the head is asked for labels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example, Labelled
from openaisle.learning.heads.classify import ClassifyHead, ClassifyModule
from openaisle.learning.heads.logistic import fit_logistic
from openaisle.learning.heads.pooling import exact, pooled, states
from openaisle.learning.heads.protocol import ModelOptions
from openaisle.learning.heads.text_head import labelled, labels_of
from openaisle.learning.losses.cross_entropy import CrossEntropy

LOSS = "few_shot"
"""What a recipe's `train.loss` calls it, for the task classify."""


class FewShotModule(ClassifyModule):
    """A classifier that learns from which of its texts are alike. `fitted`: whether the layer suits the encoder."""

    fitted = False

    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> dict[str, Tensor]:
        self.fitted = False
        vectors = normalize(
            pooled(states(self.backbone, input_ids, attention_mask), attention_mask, self._pooling), dim=-1
        )
        with exact(vectors):
            loss = _of_pairs(vectors.float(), labels)
        # the layer is fitted, not trained; processes that join their gradients want one of every weight
        return {"loss": loss + sum(0.0 * weights.sum() for weights in self.output.parameters())}


def _of_pairs(vectors: Tensor, labels: Tensor) -> Tensor:
    """Squared distance of each pair's cosine from 1 (same label) or 0, pairs of either kind counting half."""
    cosines = vectors @ vectors.T
    same = labels[:, None] == labels[None, :]
    pair = ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    alike, different = (1 - cosines)[same & pair], cosines[~same & pair]
    return sum((part.square().mean() for part in (alike, different) if part.numel()), start=0.0 * cosines.sum())


class FewShotHead(ClassifyHead):
    """Learns from `examples`, the labelled texts that there are; saved, it is a classifier as any other.

    Raises `DataError` for fewer than two labels.
    """

    def __init__(self, backbone: Backbone, options: ModelOptions, examples: Sequence[Example]) -> None:
        names = labels_of(examples)
        super().__init__(backbone, options, CrossEntropy(), names)
        self.module: FewShotModule = FewShotModule(backbone, CrossEntropy(), options.pooling, len(names))
        self._examples = labelled(examples)
        self._by_label = _by_label(self._examples)

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        chosen = labelled(examples)
        return super().collate([*chosen, *map(self._partner, chosen)])

    def outputs(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._fit()
        return super().outputs(texts)

    def save(self, folder: Path) -> None:
        self._fit()
        super().save(folder)

    def _partner(self, example: Labelled) -> Labelled:
        others = self._by_label.get(example.labels[0], (example,))
        return others[int(torch.randint(len(others), ()))]

    def _fit(self) -> None:
        if not self.module.fitted:
            fit_logistic(self, self._examples)
            self.module.fitted = True


def _by_label(examples: Sequence[Labelled]) -> Mapping[str, Sequence[Labelled]]:
    found: dict[str, list[Labelled]] = defaultdict(list)
    for example in examples:
        found[example.labels[0]].append(example)
    return found
