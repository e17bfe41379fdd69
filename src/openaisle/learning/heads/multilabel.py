"""Multi-label classification: any number of labels a text, each decided by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example
from openaisle.learning.heads.pooling import exact
from openaisle.learning.heads.protocol import ModelOptions, PerExample
from openaisle.learning.heads.text_head import TextHead, TextModule, labelled
from openaisle.learning.losses import ScoreLoss

_THRESHOLD = 0.5

Marks = NDArray[np.bool_]


class MultilabelModule(TextModule):
    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> dict[str, Tensor]:
        logits = self.infer(input_ids, attention_mask)
        with exact(logits):
            return {"loss": self.loss(logits, labels, torch.ones_like(labels, dtype=torch.bool))}


class MultilabelHead(TextHead):
    """`labels`: all there are, in the order of the logits."""

    task: ClassVar[str] = "multilabel"
    metric: ClassVar[str] = "micro_f1"

    def __init__(self, backbone: Backbone, options: ModelOptions, loss: ScoreLoss, labels: Sequence[str]) -> None:
        super().__init__(backbone, options, MultilabelModule(backbone, loss, options.pooling, len(labels)))
        self.labels = tuple(labels)

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        chosen = labelled(examples)
        texts = self._formed([example.text for example in chosen])
        return {**self._reader.tensors(texts), "labels": torch.from_numpy(self._gold(chosen)).float()}

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Float32 (texts, labels), each between 0 and 1 by itself."""
        logits = torch.from_numpy(self.outputs(texts).reshape(len(texts), len(self.labels)))
        values: NDArray[np.float32] = logits.sigmoid().numpy()
        return values

    def predict(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """The labels of each text that are more probable than not."""
        marks = self.probabilities(texts) >= _THRESHOLD
        return [tuple(label for label, mark in zip(self.labels, row, strict=True) if mark) for row in marks]

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        if not examples:
            return {}
        gold, found = self._answers(examples)
        return {
            "micro_f1": float(_f1(gold.ravel(), found.ravel())),
            "macro_f1": float(np.mean(_f1(gold, found))),
            "example_f1": float(np.mean(_f1(gold.T, found.T))),
        }

    def per_example(self, examples: Sequence[Example]) -> PerExample:
        gold, found = self._answers(examples)
        return {"example_f1": _f1(gold.T, found.T)}

    def stated(self) -> dict[str, Any]:
        return self._stated() | {"labels": list(self.labels)}

    def _answers(self, examples: Sequence[Example]) -> tuple[Marks, Marks]:
        chosen = labelled(examples)
        found = self.probabilities([example.text for example in chosen]) >= _THRESHOLD
        gold = self._gold(chosen)
        # a label that training never saw cannot be found, and counts as missed
        unseen = [[bool(set(example.labels) - set(self.labels))] for example in chosen]
        missed = np.array(unseen, np.bool_).reshape(len(chosen), 1)
        return np.hstack([gold, missed]) if missed.any() else gold, (
            np.hstack([found, np.zeros_like(missed)]) if missed.any() else found
        )

    def _gold(self, examples: Sequence[Any]) -> Marks:
        marks = [[label in example.labels for label in self.labels] for example in examples]
        return np.array(marks, np.bool_).reshape(len(examples), len(self.labels))


def _f1(gold: Marks, found: Marks) -> NDArray[np.float64]:
    """F1 along the first axis; 1 where there is nothing to find and nothing was found."""
    both = 2 * (gold & found).sum(axis=0)
    total = gold.sum(axis=0) + found.sum(axis=0)
    return np.where(total > 0, both / np.maximum(total, 1), 1.0).astype(np.float64)
