"""Text → terms: the one analysis that queries, products and every engine share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from unicodedata import normalize

from openaisle.language import quantities
from openaisle.language.compounds import CODE, COMPOUND, LONE_LETTER, CompoundAnalyzer
from openaisle.language.folding import Folder
from openaisle.language.han import HAN, HanAnalyzer
from openaisle.language.lexicon import Lexicon
from openaisle.language.quantities import BARE_NUMBER, DIMENSIONS, LONE_UNIT, MEASURE
from openaisle.language.tokens import Kind, Piece, Token, shifted

ANALYSIS_VERSION = "1"
"""An index remembers it; raised whenever the same text would give other terms."""

_RUN = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<dimensions>{DIMENSIONS})|(?P<measure>{MEASURE})|(?P<lone_unit>{LONE_UNIT})"
    rf"|(?P<number>{BARE_NUMBER})|(?P<code>{CODE})|(?P<lone_letter>{LONE_LETTER})|(?P<compound>{COMPOUND})"
)
_REMEMBERED_RUNS = 50_000
"""Runs whose analysis is kept; shop text repeats its words (about 10 MB when full)."""
_LONGEST_REMEMBERED = 40


class Analyzer:
    """Analyses text with the words of one catalogue. Safe to share between threads; immutable but for its cache.

    Per run of text: folding (width, case, accents), Traditional → Simplified, Chinese words with 1- and 2-character
    grams, English stems, quantities in canonical units, model numbers whole and split. Emoji and punctuation give no
    terms. Never fails, whatever the text.
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or Lexicon()
        self._folder = Folder()
        self._han = HanAnalyzer(self.lexicon.words)
        compound = CompoundAnalyzer()
        self._by_kind: dict[str, Callable[[str], list[Piece]]] = {
            "dimensions": quantities.dimensions,
            "measure": quantities.measure,
            "lone_unit": quantities.lone_unit,
            "number": quantities.number,
            "code": _code,
            "lone_letter": lambda text: compound.pieces(text.replace(" ", "-")),
            "compound": compound.pieces,
        }
        self._remembered = lru_cache(maxsize=_REMEMBERED_RUNS)(self._analyzed)

    def terms(self, text: str) -> list[str]:
        """All terms of a text, each as often as it occurs: what an index stores and a query asks for."""
        folded = self._folder.fold(text)
        terms: list[str] = []
        for run in _RUN.finditer(folded):
            if run.lastgroup == "han":
                terms += self._han.terms(run[0])
            else:
                terms += [piece[0] for piece in self._pieces(run, folded)]
        return terms

    def tokens(self, text: str) -> list[Token]:
        """The same terms with their places in `text`, kinds and groups, in text order of their runs."""
        folded = self._folder.fold_with_origins(text)
        return [
            Token(term, *folded.span(start, end), kind, group)
            for term, start, end, kind, group in self._all(folded.text)
        ]

    def _all(self, folded: str) -> Iterator[Piece]:
        group = 0
        for run in _RUN.finditer(folded):
            pieces = self._han.pieces(run[0]) if run.lastgroup == "han" else self._pieces(run, folded)
            yield from shifted(pieces, run.start(), group)
            group += 1 + max((piece[4] for piece in pieces), default=-1)

    def _pieces(self, run: re.Match[str], folded: str) -> tuple[Piece, ...]:
        kind, text = run.lastgroup or "", run[0]
        if kind == "lone_unit":
            # The unit belongs to the Chinese run that follows, too.
            text = folded[run.start() : run.end() + 2]
        if len(text) > _LONGEST_REMEMBERED:
            return self._analyzed(kind, text)
        return self._remembered(kind, text)

    def _analyzed(self, kind: str, text: str) -> tuple[Piece, ...]:
        pieces = self._by_kind[kind](text)
        if text.isascii():
            return tuple(pieces)
        # Decomposed alphabets (Korean) are composed again, as people write them.
        return tuple((normalize("NFC", piece[0]), *piece[1:]) for piece in pieces)


def _code(text: str) -> list[Piece]:
    return [(text, 0, len(text), Kind.WORD, 0)]
