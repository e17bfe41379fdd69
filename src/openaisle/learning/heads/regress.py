"""Regression: a number for a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example, Valued
from openaisle.learning.heads.pooling import exact
from openaisle.learning.heads.protocol import ModelOptions, PerExample, Pooling
from openaisle.learning.heads.ranking import spearman
from openaisle.learning.heads.text_head import TextHead, TextModule
from openaisle.learning.losses import ScoreLoss


class RegressModule(TextModule):
    """Learns in units of the training data's spread, answers in the data's own."""

    middle: Tensor
    spread: Tensor

    def __init__(self, backbone: Backbone, loss: ScoreLoss, pooling: Pooling, middle: float, spread: float) -> None:
        super().__init__(backbone, loss, pooling, 1)
        self.register_buffer("middle", torch.tensor(middle))
        self.register_buffer("spread", torch.tensor(spread))

    def infer(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        return self.middle + self.spread * super().infer(input_ids, attention_mask, token_type_ids)[:, 0]

    def forward(self, input_ids: Tensor, attention_mask: Tensor, values: Tensor) -> dict[str, Tensor]:
        found = self.infer(input_ids, attention_mask)
        with exact(found):
            found, gold = ((each - self.middle) / self.spread for each in (found, values))
            return {"loss": self.loss(found, gold, torch.ones_like(gold, dtype=torch.bool))}


class RegressHead(TextHead):
    """`middle`, `spread`: mean and standard deviation of the training data's values."""

    task: ClassVar[str] = "regress"
    metric: ClassVar[str] = "spearman"

    def __init__(
        self, backbone: Backbone, options: ModelOptions, loss: ScoreLoss, middle: float = 0.0, spread: float = 1.0
    ) -> None:
        super().__init__(backbone, options, RegressModule(backbone, loss, options.pooling, middle, spread))

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        chosen = valued(examples)
        values = torch.tensor([example.value for example in chosen], dtype=torch.float32)
        return {**self._reader.tensors(self._formed([example.text for example in chosen])), "values": values}

    def predict(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The number of each text, in the data's own unit."""
        return self.outputs(texts).reshape(len(texts))

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        if not examples:
            return {}
        gold, found = self._answers(examples)
        errors = found - gold
        return {
            "mae": float(np.abs(errors).mean()),
            "rmse": float(np.sqrt((errors**2).mean())),
            "spearman": spearman(gold, found),
        }

    def per_example(self, examples: Sequence[Example]) -> PerExample:
        gold, found = self._answers(examples)
        return {"mae": np.abs(found - gold)}

    def stated(self) -> dict[str, Any]:
        return self._stated()

    def _answers(self, examples: Sequence[Example]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        chosen = valued(examples)
        gold = np.array([example.value for example in chosen], np.float64)
        return gold, self.predict([example.text for example in chosen]).astype(np.float64)


def valued(examples: Sequence[Example]) -> list[Valued]:
    """The examples, every one a `Valued`. Raises `DataError` when one is not."""
    chosen = [example for example in examples if isinstance(example, Valued)]
    if len(chosen) < len(examples):
        raise DataError("Some examples have no value.", "Choose the source `valued` under [data].")
    return chosen


def scale_of(examples: Sequence[Example]) -> tuple[float, float]:
    """Mean and standard deviation. Raises `DataError` when there is no example or all values are the same."""
    values = np.array([example.value for example in valued(examples)], np.float64)
    if len(values) == 0 or values.std() == 0:
        raise DataError("All values of the training data are the same.", "Give texts with different values.")
    return float(values.mean()), float(values.std())
