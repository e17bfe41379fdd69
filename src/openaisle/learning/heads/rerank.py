"""Matching as a cross-encoder: query and document are read together, and the score is one number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Candidate, Example, JudgedQuery
from openaisle.learning.heads.files import save_head
from openaisle.learning.heads.linear import fresh
from openaisle.learning.heads.lists import Lists, candidates, lists, measured
from openaisle.learning.heads.pooling import exact, pooled, states
from openaisle.learning.heads.protocol import HeadModule, ModelOptions, PerExample, Pooling
from openaisle.learning.heads.ranking import means, ranked
from openaisle.learning.heads.reading import Ids, Reader
from openaisle.learning.heads.running import run
from openaisle.learning.losses import ScoreLoss

_LONGEST_LIST = 16
_POOL = 20


class RerankModule(HeadModule):
    loss: ScoreLoss

    def __init__(self, backbone: Backbone, loss: ScoreLoss, pooling: Pooling) -> None:
        super().__init__()
        self.backbone = backbone.model
        self.scorer = fresh(backbone, 1)
        self.loss = loss
        self._pooling = pooling

    def infer(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        token_vectors = states(self.backbone, input_ids, attention_mask, token_type_ids)
        scores: Tensor = self.scorer(pooled(token_vectors, attention_mask, self._pooling))
        return scores[:, 0].float()

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        place: Tensor,
        gains: Tensor,
        token_type_ids: Tensor | None = None,
    ) -> dict[str, Tensor]:
        scores = self.infer(input_ids, attention_mask, token_type_ids)
        with exact(scores):
            return {"loss": self.loss(scores[place.clamp(min=0)], gains, place >= 0)}


class RerankHead:
    """`highest_gain`: the gain of a full answer in the data, which counts 1 in losses."""

    task: ClassVar[str] = "rerank"
    metric: ClassVar[str] = "ndcg@10"

    def __init__(self, backbone: Backbone, options: ModelOptions, loss: ScoreLoss, highest_gain: float = 1.0) -> None:
        self.module = RerankModule(backbone, loss, options.pooling)
        self.tokenizer = backbone.tokenizer
        self.query_prefix = options.query_prefix or ""
        self.document_prefix = options.document_prefix or ""
        self._backbone = backbone
        self._options = options
        self._highest_gain = highest_gain
        types = int(getattr(backbone.config, "type_vocab_size", 1) or 1)
        self._reader = Reader(backbone.tokenizer, options.max_tokens, types)

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        batch = lists(examples, self._highest_gain, _LONGEST_LIST)
        rows, columns = torch.nonzero(batch.place >= 0, as_tuple=True)
        pair = torch.full_like(batch.place, -1)
        pair[rows, columns] = torch.arange(len(rows))
        inputs = self._reader.pad(self._pairs(*_listed(batch, rows.tolist(), columns.tolist())))
        return {**inputs, "place": pair, "gains": batch.gains}

    def length(self, example: Example) -> int:
        query, judged = candidates(example)
        rows = self._pairs([query] * len(judged), [each.text for each in judged])
        return max((len(row["input_ids"]) for row in rows), default=0)

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """The score of each text for the query, float32 (texts,): higher answers better."""
        return self.predict([JudgedQuery(query, tuple(Candidate(text, 0.0) for text in texts))])[0]

    def predict(self, examples: Sequence[Example]) -> list[NDArray[np.float32]]:
        """The score of each example's query with each of its texts."""
        judged = [candidates(example) for example in examples]
        queries = [query for query, texts in judged for _ in texts]
        documents = [each.text for _, texts in judged for each in texts]
        scores = np.array(run(self.module, self._reader, self._pairs(queries, documents)), np.float32)
        ends = np.cumsum([len(texts) for _, texts in judged])
        return np.split(scores, ends[:-1])

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        judged = measured(examples, _POOL)
        return means(examples, judged, self.predict(judged)) if examples else {}

    def per_example(self, examples: Sequence[Example]) -> PerExample:
        judged = measured(examples, _POOL)
        return ranked(judged, self.predict(judged))

    def save(self, folder: Path) -> None:
        self._backbone.save(folder)
        save_head(folder, self.module, self.stated())

    def stated(self) -> dict[str, Any]:
        """What head.json says."""
        return {
            "task": self.task,
            "pooling": self._options.pooling,
            "max_tokens": self._options.max_tokens,
            "query_prefix": self.query_prefix,
            "document_prefix": self.document_prefix,
        }

    def _pairs(self, queries: Sequence[str], documents: Sequence[str]) -> list[Ids]:
        return self._reader.read(
            [self._reader.formed(text, self.query_prefix) for text in queries],
            [self._reader.formed(text, self.document_prefix) for text in documents],
        )


def _listed(batch: Lists, rows: list[int], columns: list[int]) -> tuple[list[str], list[str]]:
    """The query and the document at each of these places."""
    documents = [batch.documents[batch.place[row, column]] for row, column in zip(rows, columns, strict=True)]
    return [batch.queries[row] for row in rows], documents
