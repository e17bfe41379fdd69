"""A memory-mapped table of strings, ordered without regard to case or width, looked up by binary search."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.filters.literals import number


def fold(text: str) -> str:
    """How values are compared: `"NIKE"`, `"nike"` and `"Ｎｉｋｅ"` are one brand."""
    return unicodedata.normalize("NFKC", text).casefold()


def _order(text: str) -> tuple[str, str]:
    return fold(text), text


@dataclass(frozen=True)
class StringTable(Sequence[str]):
    """Distinct strings in folded order; a string's position is its code."""

    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @classmethod
    def build(cls, strings: Iterable[str]) -> StringTable:
        encoded = [text.encode("utf-8", "surrogatepass") for text in sorted(set(strings), key=_order)]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(text) for text in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, code: Any) -> Any:
        start, end = self.offsets[code], self.offsets[code + 1]
        return self.blob[start:end].tobytes().decode("utf-8", "surrogatepass")

    def codes(self, text: str) -> range:
        """Codes of all strings that are equal to `text` once folded."""
        folded = fold(text)
        start = bisect_left(self, folded, key=fold)
        end = start
        while end < len(self) and fold(self[end]) == folded:
            end += 1
        return range(start, end)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The number that each string reads as; NaN for one that is none."""
        read = (number(text) for text in self)
        return np.array([np.nan if value is None else value for value in read], np.float64)

    def code(self, text: str) -> int:
        """The code of exactly this string; -1 when it is not in the table."""
        for code in self.codes(text):
            if self[code] == text:
                return code
        return -1
