"""The terms of a segment in a memory-mapped trie: numbers, completions and corrections."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path

import marisa_trie
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from openaisle.engines.embedded.arrays import corrupt
from openaisle.engines.protocol import WRITTEN

_COMPLETION_SCAN = 4096  # completions considered before the most frequent are kept


class Vocabulary:
    """Terms and their numbers, 0 to `len - 1`."""

    def __init__(self, trie: marisa_trie.Trie) -> None:
        self._trie = trie

    @classmethod
    def build(cls, terms: Iterable[str]) -> Vocabulary:
        return cls(marisa_trie.Trie(terms))

    @classmethod
    def open(cls, path: Path) -> Vocabulary:
        trie = marisa_trie.Trie()
        try:
            trie.mmap(str(path))
        except (OSError, RuntimeError) as error:
            raise corrupt(path, str(error)) from error
        return cls(trie)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            file.write(self._trie.tobytes())
            file.flush()
            os.fsync(file.fileno())

    def __len__(self) -> int:
        return len(self._trie)

    def __iter__(self) -> Iterator[str]:
        """Terms in the order of their numbers."""
        return (self._trie.restore_key(number) for number in range(len(self._trie)))

    def number(self, term: str) -> int:
        """-1 for a term that is not here."""
        try:
            found: int = self._trie.get(term, -1)
        except UnicodeEncodeError:  # half of a surrogate pair, which no stored term holds
            return -1
        return found

    def term(self, number: int) -> str:
        restored: str = self._trie.restore_key(number)
        return restored

    def completions(self, prefix: str) -> list[str]:
        """Written words that begin with `prefix`."""
        prefix = prefix.encode(errors="ignore").decode()
        return [term[len(WRITTEN) :] for term in islice(self._trie.iterkeys(WRITTEN + prefix), _COMPLETION_SCAN)]

    def corrections(self, word: str, distance: int) -> list[tuple[str, int]]:
        """Written words within an edit distance and that distance; transpositions count one (optimal string
        alignment)."""
        found = process.extract(
            word,
            self._nearby(len(word), distance),
            scorer=OSA.distance,
            processor=None,
            score_cutoff=distance,
            limit=None,
        )
        return [(term, int(edits)) for term, edits, _ in found]

    def _nearby(self, length: int, distance: int) -> list[str]:
        words, lengths = self._words
        low, high = np.searchsorted(lengths, [length - distance, length + distance + 1])
        return words[low:high]

    @cached_property
    def _words(self) -> tuple[list[str], NDArray[np.int64]]:
        """Written words of Latin letters only, by length. Numbers and model numbers are never corrected."""
        written = (term[len(WRITTEN) :] for term in self._trie.iterkeys(WRITTEN))
        words = sorted((word for word in written if word.isascii() and word.isalpha()), key=len)
        return words, np.array([len(word) for word in words])
