"""Matching as a bi-encoder: queries and documents become unit vectors, whose cosine says how well they go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.utils.checkpoint import checkpoint

from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example
from openaisle.learning.heads.files import save_head
from openaisle.learning.heads.gathering import gathered, processes
from openaisle.learning.heads.lists import candidates, lists, measured
from openaisle.learning.heads.pooling import exact, pooled, states
from openaisle.learning.heads.protocol import HeadModule, ModelOptions, PerExample, Pooling
from openaisle.learning.heads.ranking import means, ranked
from openaisle.learning.heads.reading import Reader
from openaisle.learning.heads.running import run
from openaisle.learning.losses import VectorLoss

Kind = Literal["query", "document"]

_LONGEST_LIST = 16
"""Texts of one query in a batch: the longest lists would otherwise decide how much memory a batch needs."""
_POOL = 100


class MatchModule(HeadModule):
    """Pooled, unit length, finished as the backbone asks, and projected where asked for."""

    loss: VectorLoss

    def __init__(self, backbone: Backbone, loss: VectorLoss, pooling: Pooling, dimensions: int) -> None:
        super().__init__()
        self.backbone = backbone.model
        self.finish = backbone.finish
        self.projection = _projection(backbone.dimensions, dimensions) if dimensions else None
        self.loss = loss
        self._pooling = pooling

    def infer(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        token_vectors = states(self.backbone, input_ids, attention_mask, token_type_ids)
        vectors = normalize(pooled(token_vectors, attention_mask, self._pooling), dim=-1)
        if self.finish is not None:
            vectors = self.finish(vectors, input_ids, attention_mask)
        return vectors if self.projection is None else normalize(self.projection(vectors).float(), dim=-1)

    def forward(  # noqa: PLR0917
        self,
        query_input_ids: Tensor,
        query_attention_mask: Tensor,
        document_input_ids: Tensor,
        document_attention_mask: Tensor,
        document_keys: Tensor,
        place: Tensor,
        gains: Tensor,
    ) -> dict[str, Tensor]:
        queries = self._encoded(query_input_ids, query_attention_mask)
        documents = self._encoded(document_input_ids, document_attention_mask)
        batch = (queries, documents, place, gains)
        with exact(queries):
            together = gathered(batch, document_keys) if processes() > 1 and torch.is_grad_enabled() else batch
            return {"loss": self.loss(*together)}

    def _encoded(self, ids: Tensor, mask: Tensor) -> Tensor:
        size = self.loss.mini_batch
        if not size or not torch.is_grad_enabled():
            return self.infer(ids, mask)
        parts = zip(torch.split(ids, size), torch.split(mask, size), strict=True)
        return torch.cat([checkpoint(self.infer, *_trimmed(*part), use_reentrant=False) for part in parts])


def _projection(width: int, dimensions: int) -> nn.Linear:
    """Begins as a projection that keeps angles as well as any can."""
    layer = nn.Linear(width, dimensions, bias=False)
    nn.init.orthogonal_(layer.weight)
    return layer


def _trimmed(ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Without the columns that are padding in every row of this part."""
    longest = int(mask.sum(dim=1).max())
    return ids[:, :longest], mask[:, :longest]


class MatchHead:
    """`highest_gain`: the gain of a full answer in the data, which counts 1 in losses."""

    task: ClassVar[str] = "match"
    metric: ClassVar[str] = "ndcg@10"

    def __init__(self, backbone: Backbone, options: ModelOptions, loss: VectorLoss, highest_gain: float = 1.0) -> None:
        self.module = MatchModule(backbone, loss, options.pooling, options.dimensions)
        self.tokenizer = backbone.tokenizer
        self.query_prefix = backbone.query_prefix if options.query_prefix is None else options.query_prefix
        self.document_prefix = backbone.document_prefix if options.document_prefix is None else options.document_prefix
        self.dimensions = options.dimensions or backbone.dimensions
        self._backbone = backbone
        self._options = options
        self._highest_gain = highest_gain
        self._reader = Reader(backbone.tokenizer, options.max_tokens, 1)

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        batch = lists(examples, self._highest_gain, _LONGEST_LIST)
        queries, documents = self._formed(batch.queries, "query"), self._formed(batch.documents, "document")
        return {
            **{f"query_{name}": tensor for name, tensor in self._reader.tensors(queries).items()},
            **{f"document_{name}": tensor for name, tensor in self._reader.tensors(documents).items()},
            "document_keys": _keys(batch.documents),
            "place": batch.place,
            "gains": batch.gains,
        }

    def length(self, example: Example) -> int:
        query, judged = candidates(example)
        texts = self._formed([query], "query") + self._formed([each.text for each in judged], "document")
        return max(len(row["input_ids"]) for row in self._reader.read(texts))

    def encode(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Unit vectors, float32 (texts, dimensions)."""
        rows = self._reader.read(self._formed(texts, kind))
        vectors = run(self.module, self._reader, rows)
        return np.stack(vectors) if vectors else np.empty((0, self.dimensions), np.float32)

    def predict(self, examples: Sequence[Example]) -> list[NDArray[np.float32]]:
        """The cosine of each example's query with each of its texts."""
        judged = [candidates(example) for example in examples]
        queries = _table(self, dict.fromkeys(query for query, _ in judged), "query")
        documents = _table(self, dict.fromkeys(each.text for _, texts in judged for each in texts), "document")
        return [_cosines(queries[query], [documents[each.text] for each in texts]) for query, texts in judged]

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        judged = measured(examples, _POOL)
        return means(examples, judged, self.predict(judged)) if examples else {}

    def per_example(self, examples: Sequence[Example]) -> PerExample:
        judged = measured(examples, _POOL)
        return ranked(judged, self.predict(judged))

    def save(self, folder: Path) -> None:
        own = replace(self._backbone, query_prefix=self.query_prefix, document_prefix=self.document_prefix)
        own.save(folder)
        save_head(folder, self.module, self.stated())

    def stated(self) -> dict[str, Any]:
        """What head.json says."""
        return {
            "task": self.task,
            "pooling": self._options.pooling,
            "max_tokens": self._options.max_tokens,
            "dimensions": self._options.dimensions,
            "query_prefix": self.query_prefix,
            "document_prefix": self.document_prefix,
        }

    def _formed(self, texts: Sequence[str], kind: Kind) -> list[str]:
        prefix = self.query_prefix if kind == "query" else self.document_prefix
        return [self._reader.formed(text, prefix) for text in texts]


def _keys(texts: Sequence[str]) -> Tensor:
    """By which processes know that they hold the same text: int64 (texts,)."""
    digests = (blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return torch.tensor([int.from_bytes(digest, "big", signed=True) for digest in digests])


def _table(head: MatchHead, texts: dict[str, None], kind: Kind) -> dict[str, NDArray[np.float32]]:
    return dict(zip(texts, head.encode(list(texts), kind), strict=True))


def _cosines(query: NDArray[np.float32], documents: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    cosines: NDArray[np.float32] = np.stack(documents) @ query if documents else np.empty(0, np.float32)
    return cosines
