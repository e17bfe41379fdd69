"""Words and compounds: stemmed words, hyphenated words, model numbers whole and in parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import Stemmer

from openaisle.language.han import HAN
from openaisle.language.spelling import SPELLINGS
from openaisle.language.tokens import Kind, Piece

LETTER = f"[^\\W_{HAN}]"
COMPOUND = f"{LETTER}+(?:['.\\-/&+_]{LETTER}+)*"
"""Letters and digits of any alphabet, joined without spaces."""
CODE = rf"[a-z](?:\+\+|#)(?!{LETTER})"
"""`c++`, `c#`."""
LONE_LETTER = rf"[b-rt-z] [a-z]{{2,}}(?!{LETTER}|['.\-/&+_]{LETTER})"
"""`t shirt`, `v neck`: a compound whose hyphen was left out. Not `a` (an article) nor `s` (what is left of `men's`)."""

_LONGEST_TERM = 64
_MOST_JOINED = 4
"""Hyphenated words beyond this are a phrase, which nobody writes as one word."""
_MOST_ATOMS = 8
"""A model number of more pieces is found whole or not at all."""

_SEGMENT = re.compile(r"[^/+]+")
_ELEMENT = re.compile(r"[^\-._&]+")
_ATOM = re.compile(r"\d+|\D+")
_SHORT_AMPERSAND = re.compile(r"\b\w{1,2}&\w{1,2}\b")
_POSSESSIVE = re.compile(r"'s$")


class CompoundAnalyzer:
    """One unspaced run of letters, digits and joiners → its terms."""

    def __init__(self) -> None:
        self._stemmer = Stemmer.Stemmer("english")

    def pieces(self, text: str) -> list[Piece]:
        """Each segment between slashes is a group of its own; a group is a compound, whole and in parts."""
        pieces: list[Piece] = []
        for group, (segment, start) in enumerate(_segments(text)):
            for term, begin, end, kind in self._segment(segment):
                pieces.append((term[:_LONGEST_TERM], begin + start, end + start, kind, group))
        return pieces

    def _segment(self, text: str) -> Iterator[tuple[str, int, int, Kind]]:
        elements = [(match[0], match.start()) for match in _ELEMENT.finditer(text)]
        if len(elements) == 1 and _is_uniform(elements[0][0]):
            word, start = elements[0]
            yield self._word(word), start, start + len(word), _kind(word)
            return
        atoms = [
            (atom[0], start + atom.start())
            for word, start in elements
            for atom in _ATOM.finditer(word)
            if _tells(atom[0], word)
        ]
        whole = self._whole([word for word, _ in elements])
        if whole is not None:
            yield whole, 0, len(text), _kind(whole)
        if len(atoms) > _MOST_ATOMS:
            atoms = elements
        for atom, start in atoms:
            yield self._word(atom), start, start + len(atom), Kind.PART
        if 2 < len(atoms) <= _MOST_ATOMS:
            yield from _pairs(atoms)

    def _whole(self, elements: list[str]) -> str | None:
        joined = "".join(elements).replace("'", "")
        if any(map(str.isdigit, joined)):
            return joined
        return self._word(joined) if len(elements) <= _MOST_JOINED else None

    def _word(self, text: str) -> str:
        word = _POSSESSIVE.sub("", text).replace("'", "")
        if not (word.isascii() and word.isalpha()):
            return word
        stem: str = self._stemmer.stemWord(SPELLINGS.get(word, word))
        return stem


def _segments(text: str) -> Iterator[tuple[str, int]]:
    """Pieces between slashes, plus signs and ampersands; `h&m` and `at&t` stay one."""
    for match in _SEGMENT.finditer(text):
        segment, start = match[0], match.start()
        if "&" in segment and not _SHORT_AMPERSAND.fullmatch(segment):
            for part in re.finditer(r"[^&]+", segment):
                yield part[0], start + part.start()
        else:
            yield segment, start


def _pairs(atoms: list[tuple[str, int]]) -> Iterator[tuple[str, int, int, Kind]]:
    """Letters with the digits after them inside a longer model number: `xm5` of `wh1000xm5`, `t55` of `t55.521`."""
    for (letters, start), (digits, end) in pairwise(atoms):
        if digits.isdigit() and not letters.isdigit():
            yield letters + digits, start, end + len(digits), Kind.PART


def _is_uniform(word: str) -> bool:
    return word.isdigit() or not any(map(str.isdigit, word))


def _kind(term: str) -> Kind:
    if term.isdigit():
        return Kind.NUMBER
    return Kind.MODEL if any(map(str.isdigit, term)) else Kind.WORD


def _tells(atom: str, element: str) -> bool:
    """Whether a piece says something on its own; one letter of a mixed element (the p of 1080p) does not."""
    return len(atom) > 1 or atom == element or atom.isdigit()
