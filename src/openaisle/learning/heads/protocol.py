"""What a task head is to training, comparison and export: one protocol for every task.

A head is a pretrained model with what its task adds, the loss it learns by, and how examples become tensors. Training
drives `module` with batches from `collate`; comparison reads `measure` and `per_example`; export traces
`module.infer`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from openaisle.learning.examples import Example

Pooling = Literal["mean", "cls"]
PerExample = Mapping[str, NDArray[np.float64]]


class ModelOptions(Protocol):
    """What a recipe's [model] says of a head; any record with these attributes fits.

    A prefix that is None is the backbone's own (for pairs and for tagging none); `dimensions` 0 keeps the backbone's
    width. `max_tokens` counts special tokens too; `grams` is for classify. Dropout and layers are the backbone's
    business (`open_backbone`).
    """

    @property
    def pooling(self) -> Pooling: ...

    @property
    def max_tokens(self) -> int: ...

    @property
    def dimensions(self) -> int: ...

    @property
    def query_prefix(self) -> str | None: ...

    @property
    def document_prefix(self) -> str | None: ...

    @property
    def grams(self) -> int: ...


@dataclass(frozen=True, slots=True)
class HeadOptions:
    """The plainest `ModelOptions`."""

    pooling: Pooling = "mean"
    max_tokens: int = 64
    dimensions: int = 0
    query_prefix: str | None = None
    document_prefix: str | None = None
    grams: int = 0


class HeadModule(nn.Module, ABC):
    """A head's weights: `backbone`, whatever else the task adds, and `loss`.

    `backbone` is the transformer and may be replaced by a wrapped one (adapters) that gives `last_hidden_state`; every
    other parameter belongs to the head. `forward` names its arguments (no `**kwargs`), takes exactly what `collate`
    gives, and returns {"loss": scalar}, a mean over the batch: so `transformers.Trainer` drives it as it is.
    """

    backbone: nn.Module
    loss: nn.Module

    @abstractmethod
    def infer(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """What an exported graph computes, from int64 (texts, tokens):

        match: unit vectors (texts, dimensions); rerank: scores (pairs,); classify, multilabel: logits (texts, labels);
        regress: values (texts,); tag: logits (texts, tokens, tags).
        """


@runtime_checkable
class Head(Protocol):
    """One task on a pretrained model. `openaisle.models.registry.direction` says which way metrics improve."""

    task: ClassVar[str]
    metric: ClassVar[str]
    """The metric that early stopping and the best checkpoint go by unless a recipe names another."""

    @property
    def module(self) -> HeadModule: ...

    @property
    def tokenizer(self) -> Any:
        """The Hugging Face fast tokenizer."""

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        """A batch of tensors for `module.forward`. Raises `DataError` for a kind the task cannot learn from."""

    def length(self, example: Example) -> int:
        """Tokens of the example's longest text, special tokens included: what to bucket by."""

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        """The metrics of a split, in evaluation mode, without gradients; the module's mode is left as it was.
        Nothing for no examples.

        match, rerank: ndcg@10, mrr@10 (each judged list re-ranked), for scored pairs spearman; classify: accuracy,
        macro_f1; multilabel: micro_f1, macro_f1; regress: mae, rmse, spearman; tag: f1, precision, recall (of spans).
        """

    def per_example(self, examples: Sequence[Example]) -> PerExample:
        """For each metric that is a mean over examples, its value for each, in their order: for intervals and paired
        tests."""

    def save(self, folder: Path) -> None:
        """config.json, model.safetensors and the tokenizer (a backbone to train on from), head.json and, where the task
        adds weights, head.safetensors. `load_head` opens it again."""
