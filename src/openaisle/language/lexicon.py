"""The catalogue's own words: brands and product terms that the segmenter must keep whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from openaisle.language.han import HAN, Simplifier

_HAN_RUN = re.compile(f"[{HAN}]+")
_LONGEST = 16
"""No shop's word is longer; a longer run is a sentence that strayed into a brand column."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Chinese words beyond the general dictionary, simplified, sorted, each of 2 to 16 characters.

    An index remembers the lexicon it was analysed with: the same words must split its queries.
    """

    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Iterable[str]) -> Self:
        """The Chinese words in brand names and product terms as shops write them (`苹果 Apple` gives 苹果)."""
        simplifier = Simplifier()
        runs = {run for name in names for run in _HAN_RUN.findall(name)}
        simple = {simplifier.simplify(run) for run in runs if 2 <= len(run) <= _LONGEST}
        return cls(tuple(sorted(simple)))

    def as_json(self) -> list[str]:
        return list(self.words)

    @classmethod
    def from_json(cls, words: Iterable[str]) -> Self:
        """The lexicon `as_json` gave."""
        return cls(tuple(words))
