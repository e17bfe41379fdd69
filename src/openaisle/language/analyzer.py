"""Text → terms: the one analysis that queries, products and every engine share."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from functools import lru_cache
from unicodedata import normalize

from openaisle.language import quantities
from openaisle.language.compounds import CODE, COMPOUND, LONE_LETTER, CompoundAnalyzer
from openaisle.language.folding import Folder
from openaisle.language.han import HAN, HanAnalyzer
from openaisle.language.lexicon import Lexicon
from openaisle.language.quantities import BARE_NUMBER, DIMENSIONS, LONE_UNIT, MEASURE
from openaisle.language.tokens import Kind, Piece, Token

ANALYSIS_VERSION = "1"
"""An index remembers it; raised whenever the same text would give other terms."""

# Nearly every English run is a plain word: found first, it spares the trials of all that begin with a digit.
_PLAIN_WORD = r"[a-z]{2,}(?=[ ,;:!?()]|$)"
_RUN = re.compile(
    rf"(?P<word>{_PLAIN_WORD})|(?P<han>[{HAN}]+)|(?P<dimensions>{DIMENSIONS})|(?P<measure>{MEASURE})|(?P<lone_unit>{LONE_UNIT})"
    rf"|(?P<number>{BARE_NUMBER})|(?P<code>{CODE})|(?P<lone_letter>{LONE_LETTER})|(?P<compound>{COMPOUND})"
)
_REMEMBERED_RUNS = 50_000
"""Runs whose analysis is kept; shop text repeats its words (about 10 MB when full)."""
_REMEMBERED_PIECES = 20_000
"""The same with places, for queries and highlights."""
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
            "han": self._han.pieces,
            "dimensions": quantities.dimensions,
            "measure": quantities.measure,
            "lone_unit": quantities.lone_unit,
            "number": quantities.number,
            "code": _code,
            "lone_letter": lambda text: compound.pieces(text.replace(" ", "-")),
            "compound": compound.pieces,
            "word": compound.pieces,
        }
        self._remembered = lru_cache(maxsize=_REMEMBERED_RUNS)(self._terms_of)
        self._remembered_pieces = lru_cache(maxsize=_REMEMBERED_PIECES)(self._counted)

    def terms(self, text: str) -> list[str]:
        """All terms of a text, each as often as it occurs: what an index stores and a query asks for."""
        folded = self._folder.fold(text)
        terms: list[str] = []
        for run in _RUN.finditer(folded):
            kind, found = run.lastgroup, run[0]
            if kind == "han":
                terms += self._han.terms(found)
            elif kind == "lone_unit" or len(found) > _LONGEST_REMEMBERED:
                terms += self._terms_of(kind, _whole(run, folded))
            else:
                terms += self._remembered(kind, found)
        return terms

    def tokens(self, text: str) -> list[Token]:
        """The same terms with their places in `text`, kinds and groups, in text order of their runs."""
        folded = self._folder.fold_with_origins(text)
        return [
            Token(term, *folded.span(start + first, start + last), kind, group + local)
            for start, group, pieces in self._runs(folded.text)
            for term, first, last, kind, local in pieces
        ]

    def matches(self, text: str, terms: Container[str]) -> list[Token]:
        """Those of the text's tokens whose term is among `terms`; the others are never made."""
        folded = self._folder.fold_with_origins(text)
        return [
            Token(term, *folded.span(start + first, start + last), kind, group + local)
            for start, group, pieces in self._runs(folded.text)
            for term, first, last, kind, local in pieces
            if term in terms
        ]

    def _runs(self, folded: str) -> Iterator[tuple[int, int, list[Piece]]]:
        """Where each run starts, the number of its first group, and its pieces."""
        group = 0
        for run in _RUN.finditer(folded):
            whole = _whole(run, folded)
            known = self._remembered_pieces if len(whole) <= _LONGEST_REMEMBERED else self._counted
            pieces, groups = known(run.lastgroup, whole)
            yield run.start(), group, pieces
            group += groups

    def _counted(self, kind: str | None, run: str) -> tuple[list[Piece], int]:
        """The pieces of a run and the number of their groups."""
        pieces = self._pieces(kind, run)
        return pieces, 1 + max((piece[4] for piece in pieces), default=-1)

    def _terms_of(self, kind: str | None, run: str) -> tuple[str, ...]:
        return tuple(piece[0] for piece in self._pieces(kind, run))

    def _pieces(self, kind: str | None, run: str) -> list[Piece]:
        pieces = self._by_kind[kind or ""](run)
        if kind == "han" or run.isascii():
            return pieces
        # Decomposed alphabets (Korean) are composed again, as people write them.
        return [(normalize("NFC", piece[0]), *piece[1:]) for piece in pieces]


def _whole(run: re.Match[str], folded: str) -> str:
    """The run's text; after a number that may have its unit in the Chinese run that follows, with that unit."""
    return folded[run.start() : run.end() + 2] if run.lastgroup == "lone_unit" else run[0]


def _code(text: str) -> list[Piece]:
    return [(text, 0, len(text), Kind.WORD, 0)]
