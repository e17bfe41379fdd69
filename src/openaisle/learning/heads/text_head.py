"""What the heads on single texts share: reading them, one vector each, files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example, Labelled, Tagged, Valued
from openaisle.learning.heads.files import save_head
from openaisle.learning.heads.linear import fresh
from openaisle.learning.heads.pooling import pooled, states
from openaisle.learning.heads.protocol import HeadModule, ModelOptions, PerExample, Pooling
from openaisle.learning.heads.reading import Reader
from openaisle.learning.heads.running import run


class TextModule(HeadModule):
    """A linear layer on the pooled vector of a text."""

    def __init__(self, backbone: Backbone, loss: nn.Module, pooling: Pooling, outputs: int) -> None:
        super().__init__()
        self.backbone = backbone.model
        self.output = fresh(backbone, outputs)
        self.loss = loss
        self._pooling = pooling

    def infer(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        token_vectors = states(self.backbone, input_ids, attention_mask, token_type_ids)
        logits: Tensor = self.output(pooled(token_vectors, attention_mask, self._pooling))
        return logits.float()


class TextHead(ABC):
    """A head that reads one text, behind the prefix of queries."""

    task: ClassVar[str]
    metric: ClassVar[str]

    def __init__(self, backbone: Backbone, options: ModelOptions, module: HeadModule) -> None:
        self.module = module
        self.tokenizer = backbone.tokenizer
        self.prefix = backbone.query_prefix if options.query_prefix is None else options.query_prefix
        self._backbone = backbone
        self._options = options
        self._reader = Reader(backbone.tokenizer, options.max_tokens, 1)

    @abstractmethod
    def collate(self, examples: Sequence[Example]) -> dict[str, Any]: ...

    @abstractmethod
    def measure(self, examples: Sequence[Example]) -> dict[str, float]: ...

    @abstractmethod
    def per_example(self, examples: Sequence[Example]) -> PerExample: ...

    @abstractmethod
    def stated(self) -> dict[str, Any]:
        """What head.json says."""

    def length(self, example: Example) -> int:
        return len(self._reader.read(self._formed([text_of(example)]))[0]["input_ids"])

    def outputs(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """What `module.infer` gives for each text, (texts, ...)."""
        rows = run(self.module, self._reader, self._reader.read(self._formed(texts)))
        return np.stack(rows) if rows else np.empty((0, 0), np.float32)

    def save(self, folder: Path) -> None:
        self._backbone.save(folder)
        save_head(folder, self.module, self.stated())

    def _stated(self) -> dict[str, Any]:
        return {
            "task": self.task,
            "pooling": self._options.pooling,
            "max_tokens": self._options.max_tokens,
            "query_prefix": self.prefix,
        }

    def _formed(self, texts: Sequence[str]) -> list[str]:
        return [self._reader.formed(text, self.prefix) for text in texts]


def text_of(example: Example) -> str:
    """The one text of an example. Raises `DataError` for a kind that has several."""
    if isinstance(example, Labelled | Valued | Tagged):
        return example.text
    raise DataError(
        f"A {type(example).__name__} is not what this task learns from.",
        "Choose a source of labelled, valued or tagged texts under [data], or another task.",
    )


def labelled(examples: Sequence[Example]) -> list[Labelled]:
    """The examples, every one a `Labelled`. Raises `DataError` when one is not."""
    chosen = [example for example in examples if isinstance(example, Labelled)]
    if len(chosen) < len(examples):
        raise DataError("Some examples have no labels.", "Choose the source `labelled` under [data].")
    return chosen


def labels_of(examples: Sequence[Example]) -> tuple[str, ...]:
    """All labels, in alphabetical order. Raises `DataError` when there are fewer than two."""
    labels = sorted({label for example in labelled(examples) for label in example.labels})
    if len(labels) < 2:
        raise DataError(
            f"The training data has only {len(labels)} of the two labels that it takes to tell anything apart.",
            "Give texts of at least two labels.",
        )
    return tuple(labels)
