"""A head small enough that a training of it takes no time: a bag of characters and one linear layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from openaisle.learning.data import data_set
from openaisle.learning.examples import DataSet, Example, Labelled
from openaisle.learning.recipe import Recipe, recipe_of
from openaisle.learning.training.checkpoints import load_weights, save_weights

LABELS = ("kettle", "shoe")
_WIDTH = 64


class Module(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.EmbeddingBag(_WIDTH, 16, mode="mean", padding_idx=0)
        self.output = nn.Linear(16, len(LABELS))
        self.loss = nn.CrossEntropyLoss()
        self.broken_from = 10**9
        self.seen = 0

    def forward(self, letters: Tensor, labels: Tensor) -> dict[str, Tensor]:
        self.seen += 1
        loss = self.loss(self.output(self.backbone(letters)), labels)
        return {"loss": loss * float("nan") if self.seen >= self.broken_from else loss}


class FakeHead:
    task: ClassVar[str] = "classify"
    metric: ClassVar[str] = "accuracy"
    tokenizer = None

    def __init__(self, seed: int = 1) -> None:
        torch.manual_seed(seed)
        self.module: Any = Module()

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        widest = max(map(self.length, examples))
        rows = [[1 + ord(letter) % (_WIDTH - 1) for letter in self._text(example)] for example in examples]
        return {
            "letters": torch.tensor([row + [0] * (widest - len(row)) for row in rows]),
            "labels": torch.tensor([LABELS.index(self._label(example)) for example in examples]),
        }

    def length(self, example: Example) -> int:
        return len(self._text(example))

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        right = self.per_example(examples)["accuracy"]
        return {"accuracy": float(right.mean())}

    def per_example(self, examples: Sequence[Example]) -> dict[str, Any]:
        batch = self.collate(examples)
        with torch.no_grad():
            told = self.module.output(self.module.backbone(batch["letters"])).argmax(1)
        return {"accuracy": (told == batch["labels"]).numpy().astype(np.float64)}

    def save(self, folder: Path) -> None:
        save_weights(self.module, folder)

    @classmethod
    def load(cls, folder: Path) -> FakeHead:
        head = cls()
        load_weights(head.module, folder)
        return head

    @staticmethod
    def _text(example: Example) -> str:
        assert isinstance(example, Labelled)
        return example.text

    @staticmethod
    def _label(example: Example) -> str:
        assert isinstance(example, Labelled)
        return example.labels[0]


def examples(count: int = 64) -> DataSet:
    """Texts whose letters give the label away."""
    made = [
        Labelled(("steel kettle " if even else "running shoe ") + "x" * (number % 7), (LABELS[0 if even else 1],))
        for number in range(count)
        for even in [number % 2 == 0]
    ]
    return data_set(made, made[: count // 4], made[: count // 4])


def recipe(**train: Any) -> Recipe:
    wanted = {"epochs": 4, "batch_size": 8, "learning_rate": 0.05, "warmup": 0.0, **train}
    return recipe_of({"name": "kinds", "task": "classify", "data": {"path": "texts.csv"}, "train": wanted}, Path())


def silent(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody listens to."""
