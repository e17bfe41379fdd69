"""Token tagging: typed spans of a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Example, Span, Tagged
from openaisle.learning.heads.alignment import OUTSIDE, Offsets, by_characters, extents, spans_of, tags_of
from openaisle.learning.heads.chain import Chain
from openaisle.learning.heads.pooling import exact, states
from openaisle.learning.heads.protocol import ModelOptions, PerExample, Pooling
from openaisle.learning.heads.reading import Ids
from openaisle.learning.heads.running import run
from openaisle.learning.heads.text_head import TextHead, TextModule
from openaisle.learning.losses.cross_entropy import IGNORED
from openaisle.models.tags import Decoder, Following


class TagModule(TextModule):
    """A linear layer on every token's vector. `chain` is there where the loss learns which tag follows which."""

    def __init__(
        self, backbone: Backbone, loss: nn.Module, pooling: Pooling, tags: Sequence[str], *, chained: bool
    ) -> None:
        super().__init__(backbone, loss, pooling, len(tags))
        self.chain = Chain(tags) if chained else None

    def infer(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        logits: Tensor = self.output(states(self.backbone, input_ids, attention_mask, token_type_ids))
        return logits.float()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, labels: Tensor) -> dict[str, Tensor]:
        logits = self.infer(input_ids, attention_mask)
        with exact(logits):
            if self.chain is None or not _learns_chain(self.loss):
                return {"loss": self.loss(logits, labels)}
            return {"loss": self.loss(logits, labels, *self.chain.scores())}


class TagHead(TextHead):
    """`types`: the kinds of spans; `chained`: whether it has learnt which tag follows which, as some losses make it.
    Texts go in as they are, for spans count their characters."""

    task: ClassVar[str] = "tag"
    metric: ClassVar[str] = "f1"

    def __init__(
        self, backbone: Backbone, options: ModelOptions, loss: nn.Module, types: Sequence[str], *, chained: bool = False
    ) -> None:
        apart = replace(backbone, tokenizer=by_characters(backbone.tokenizer))
        self.types = tuple(types)
        self.tags = (OUTSIDE, *(f"{place}-{type_}" for type_ in types for place in "BI"))
        module = TagModule(apart, loss, options.pooling, self.tags, chained=chained or _learns_chain(loss))
        super().__init__(apart, options, module)
        self.module: TagModule = module
        self.prefix = ""  # it would move the characters that spans count
        self._numbers = {tag: number for number, tag in enumerate(self.tags)}

    def collate(self, examples: Sequence[Example]) -> dict[str, Any]:
        chosen = tagged(examples)
        rows, places = self._read([example.text for example in chosen])
        batch = self._reader.pad(rows)
        labels = torch.full_like(batch["input_ids"], IGNORED)
        for row, (example, extent) in enumerate(zip(chosen, places, strict=True)):
            present = batch["attention_mask"][row].bool()
            labels[row, present] = torch.tensor(self._tags(example, extent))
        return {**batch, "labels": labels}

    def predict(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """The spans of each text; what lies behind the last token that is read has none."""
        rows, places = self._read(texts)
        logits, decoder = run(self.module, self._reader, rows), Decoder(self.tags, self._following())
        return [self._spans(row, extent, decoder) for row, extent in zip(logits, places, strict=True)]

    def measure(self, examples: Sequence[Example]) -> dict[str, float]:
        if not examples:
            return {}
        counts = self._counts(examples).sum(axis=0)
        right, found, gold = (float(count) for count in counts)
        return {
            "f1": _f1(right, found, gold),
            "precision": right / found if found else 0.0,
            "recall": right / gold if gold else 0.0,
        }

    def per_example(self, examples: Sequence[Example]) -> PerExample:
        return {"example_f1": np.array([_f1(*map(float, row)) for row in self._counts(examples)], np.float64)}

    def stated(self) -> dict[str, Any]:
        return self._stated() | {
            "labels": list(self.types),
            "tags": list(self.tags),
            "following": None if (learnt := self._following()) is None else asdict(learnt),
        }

    def _following(self) -> Following | None:
        return None if self.module.chain is None else self.module.chain.learnt()

    def _spans(self, logits: NDArray[np.float32], extent: Offsets, decoder: Decoder) -> tuple[Span, ...]:
        """What the tokens of one text mean; those that stand for no character are as if they were not there."""
        said = [(start, end) for start, end in extent if start < end]
        numbers = decoder.decode(logits[[start < end for start, end in extent]])
        return spans_of([self.tags[number] for number in numbers], said)

    def _counts(self, examples: Sequence[Example]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Right spans (borders and type), found spans and true ones of each text, (texts, 3)."""
        chosen = tagged(examples)
        found = self.predict([example.text for example in chosen])
        rows = [
            (len(set(spans) & set(example.spans)), len(spans), len(example.spans))
            for example, spans in zip(chosen, found, strict=True)
        ]
        return np.array(rows, np.int64).reshape(len(chosen), 3)

    def _read(self, texts: Sequence[str]) -> tuple[list[Ids], list[list[tuple[int, int]]]]:
        """The ids of each text, and the characters that each token stands for."""
        if not texts:
            return [], []
        encoded = self.tokenizer(
            list(texts), truncation=True, max_length=self._options.max_tokens, return_offsets_mapping=True,
            return_attention_mask=False, return_token_type_ids=False,
        )  # fmt: skip
        places = [
            extents(text, encoding.tokens, encoding.offsets)
            for text, encoding in zip(texts, encoded.encodings, strict=True)
        ]
        return [{"input_ids": ids} for ids in encoded["input_ids"]], places

    def _tags(self, example: Tagged, extent: Sequence[tuple[int, int]]) -> list[int]:
        unknown = {span.type for span in example.spans} - set(self.types)
        if unknown:
            raise DataError(
                f"The type {sorted(unknown)[0]!r} does not occur in the training data.", "Split the data anew."
            )
        return tags_of(example.spans, extent, self._numbers)

    def _formed(self, texts: Sequence[str]) -> list[str]:
        return list(texts)


def _learns_chain(loss: nn.Module) -> bool:
    return bool(getattr(loss, "chained", False))


def tagged(examples: Sequence[Example]) -> list[Tagged]:
    """The examples, every one a `Tagged`. Raises `DataError` when one is not."""
    chosen = [example for example in examples if isinstance(example, Tagged)]
    if len(chosen) < len(examples):
        raise DataError("Some examples have no spans.", "Choose the source `tagged` under [data].")
    return chosen


def types_of(examples: Sequence[Example]) -> tuple[str, ...]:
    """All types of spans, in alphabetical order. Raises `DataError` when there is no span at all."""
    types = sorted({span.type for example in tagged(examples) for span in example.spans})
    if not types:
        raise DataError("No text of the training data has a span.", "Give texts with spans.")
    return tuple(types)


def _f1(right: float, found: float, gold: float) -> float:
    """1 where there is nothing to find and nothing was found."""
    return 2 * right / (found + gold) if found + gold else 1.0
