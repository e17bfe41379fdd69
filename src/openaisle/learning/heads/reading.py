"""Texts to token tensors, in the form in which the finished model will see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from openaisle.models.text_form import text_form

Ids = Mapping[str, Any]
"""One text's `input_ids` and, for pairs where the tokenizer gives them, `token_type_ids`: lists of int."""


class Reader:
    """A tokenizer with the length that a head reads. `max_tokens` counts special tokens too.

    Pairs carry token types where the backbone tells them apart.
    """

    def __init__(self, tokenizer: Any, max_tokens: int, token_types: int) -> None:
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self._types = token_types > 1 and "token_type_ids" in tokenizer.model_input_names

    def formed(self, text: str, prefix: str = "") -> str:
        return prefix + text_form(text, self.max_tokens)

    def read(self, texts: Sequence[str], seconds: Sequence[str] | None = None) -> list[Ids]:
        """The ids of formed texts, or of pairs with `seconds`; too long ones are cut (of a pair the longer first)."""
        if not texts:
            return []
        encoded = self.tokenizer(
            list(texts),
            None if seconds is None else list(seconds),
            truncation=True,
            max_length=self.max_tokens,
            return_attention_mask=False,
            return_token_type_ids=seconds is not None and self._types,
        )
        return [{key: encoded[key][row] for key in encoded} for row in range(len(texts))]

    def pad(self, rows: Sequence[Ids]) -> dict[str, Tensor]:
        """`input_ids`, `attention_mask` and, where there are some, `token_type_ids`: int64 (texts, longest)."""
        padded = self.tokenizer.pad(
            {key: [row[key] for row in rows] for key in rows[0]}, padding=True, return_tensors="pt"
        )
        return dict(padded)

    def tensors(self, texts: Sequence[str], seconds: Sequence[str] | None = None) -> dict[str, Tensor]:
        return self.pad(self.read(texts, seconds))


def lengths(rows: Sequence[Ids]) -> NDArray[np.int64]:
    return np.fromiter((len(row["input_ids"]) for row in rows), np.int64, len(rows))
