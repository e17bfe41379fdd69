"""Classification: one label a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from torch import Tensor, nn

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example, Labelled
from openaisle.learning.heads.grams import Grams
from openaisle.learning.heads.pooling import exact
from openaisle.learning.heads.protocol import ModelOptions, PerExample, Pooling
from openaisle.learning.heads.text_head import TextHead, TextModule, labelled
from openaisle.learning.losses.cross_entropy import CrossEntropy


class ClassifyModule(TextModule):
    """`grams` is there where runs of tokens are heard beside the transformer, which learns without them."""

    def __init__(self, backbone: Backbone, loss: nn.Module, pooling: Pooling, outputs: int) -> None:
        super().__init__(backbone, loss, pooling, outputs)
        self.grams: Grams | None = None

    def infer(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        logits = super().infer(input_ids, attention_mask, token_type_ids)
        return logits if self.grams is None else logits + self.grams(input_ids, attention_mask)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> dict[str, Tensor]:
        logits = super().infer(input_ids, attention_mask)
        with exact(logits):
            return {"loss": self.loss(logits, labels)}


class ClassifyHead(TextHead):
    """`labels`: the classes, in the order of the logits."""

    task: ClassVar[str] = "classify"
    metric: ClassVar[str] = "accuracy"

    def __init__(self, backbone: Backbone, options: ModelOptions, loss: CrossEntropy, labels: Sequence[str]) -> None:
        module = ClassifyModule(backbone, loss, options.pooling, len(labels))
        super().__init__(backbone, options, module)
        self.module: ClassifyModule = module
        if options.grams:
            pieces = max(backbone.tokenizer.get_vocab().values()) + 1
            module.grams = Grams(options.grams, len(labels), pieces)
        self.labels = tuple(labels)
        self._numbers = {label: number for number, label in enumerate(self.labels)}

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        chosen = labelled(examples)
        labels = torch.tensor([self._number(example) for example in chosen])
        return {**self.tensors([example.text for example in chosen]), "labels": labels}

    def tensors(self, texts: Sequence[str]) -> dict[str, Tensor]:
        """`input_ids` and `attention_mask` of some texts: int64 (texts, longest)."""
        return self._reader.tensors(self._formed(texts))

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Float32 (texts, labels), rows sum to 1."""
        logits = torch.from_numpy(self.outputs(texts).reshape(len(texts), len(self.labels)))
        values: NDArray[np.float32] = logits.softmax(dim=1).numpy()
        return values

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The most probable label of each text."""
        return [self.labels[number] for number in self.probabilities(texts).argmax(axis=1)] if texts else []

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        if not examples:
            return {}
        gold, found = self._answers(examples)
        return {
            "accuracy": float(np.mean([one == other for one, other in zip(gold, found, strict=True)])),
            "macro_f1": float(f1_score(gold, found, average="macro", zero_division=0)),
        }

    def per_example(self, examples: Sequence[Example]) -> PerExample:
        gold, found = self._answers(examples)
        return {"accuracy": np.array([one == other for one, other in zip(gold, found, strict=True)], np.float64)}

    def stated(self) -> dict[str, Any]:
        grams = self.module.grams
        return self._stated() | {"labels": list(self.labels), "grams": 0 if grams is None else grams.longest}

    def _answers(self, examples: Sequence[Example]) -> tuple[list[str], list[str]]:
        chosen = labelled(examples)
        return [label_of(example) for example in chosen], self.predict([example.text for example in chosen])

    def _number(self, example: Labelled) -> int:
        label = label_of(example)
        if label not in self._numbers:
            raise DataError(f"The label {label!r} does not occur in the training data.", "Split the data anew.")
        return self._numbers[label]


def label_of(example: Labelled) -> str:
    """The one label of an example. Raises `DataError` where it has none or several."""
    if len(example.labels) != 1:
        raise DataError(
            f"A text has {len(example.labels)} labels, classification wants one.",
            'Set task = "multilabel", or give one label a text.',
        )
    return example.labels[0]
