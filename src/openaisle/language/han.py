"""Chinese runs: simplified, segmented into words, and every character and pair of characters beside them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import opencc
import rjieba

from openaisle.language.tokens import Kind, Piece

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3007\U00020000-\U000323af"
"""The characters of a Chinese run, as the inside of a regular expression's character class."""

_LEXICON_FREQUENCY = 20_000
"""As frequent as the commonest nouns of the dictionary, so that a catalogue's word wins over its pieces."""


class Simplifier:
    """Traditional characters as simplified ones, phrase by phrase, one character for one."""

    def __init__(self) -> None:
        self._converter = opencc.OpenCC("t2s")

    def simplify(self, run: str) -> str:
        simple: str = self._converter.convert(run)
        if len(simple) == len(run):
            return simple
        # Offsets need one for one: give up the phrase context rather than lose the place.
        singles = (self._converter.convert(char) for char in run)
        return "".join(single if len(single) == 1 else char for char, single in zip(run, singles, strict=True))


class HanAnalyzer:
    """A Chinese run → its words, single characters and pairs of characters.

    A dictionary alone is not enough for shop titles (names are new every day), characters alone lose the words; both
    together find more than either. A pair that is a word is told once, as the word.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._simplifier = Simplifier()
        self._segmenter = rjieba.Jieba()
        for word in words:
            self._segmenter.add_word(word, _LEXICON_FREQUENCY, None)

    def terms(self, run: str) -> list[str]:
        """The terms alone, for indexing; the same as those of `pieces`, in another order."""
        simple = self._simplifier.simplify(run)
        terms = [word for word in self._segmenter.cut(simple) if len(word) > 2]
        terms += simple
        terms += map("".join, itertools.pairwise(simple))
        return terms

    def pieces(self, run: str) -> list[Piece]:
        """Words, pairs and characters in text order; a group is a word with what it is made of."""
        simple = self._simplifier.simplify(run)
        pieces: list[Piece] = []
        start = 0
        for group, word in enumerate(self._segmenter.cut(simple)):
            end = start + len(word)
            if len(word) > 2:
                pieces.append((word, start, end, Kind.HAN, group))
            for index in range(start, end):
                pair = simple[index : index + 2]
                if len(pair) == 2:
                    kind = Kind.HAN if len(word) == 2 and index == start else Kind.GRAM2
                    pieces.append((pair, index, index + 2, kind, group))
                pieces.append((simple[index], index, index + 1, Kind.GRAM1, group))
            start = end
        return pieces
