"""Choose the pieces that Chinese and English shop text can use.

The choice looks at the letters of a piece and at nothing else: no corpus, no counts, no evaluation data. A piece stays
if it is spelt in ASCII, Han and the signs of shop text; a single accented letter, accent, kana or Greek letter stays as
well, so that "é" or "の" inside a word is spelt out instead of lost.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from source import Vocabulary

WORD_START = "▁"
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
_SIGNS = ((0x00A0, 0x00BF), (0x00D7, 0x00D7), (0x00F7, 0x00F7), (0x2000, 0x2BFF), (0x3000, 0x303F), (0xFF00, 0xFFEF))
_LONE_LETTERS = ((0x00C0, 0x024F), (0x0300, 0x036F), (0x0370, 0x03FF), (0x3040, 0x30FF))


@dataclass(frozen=True, slots=True)
class Selection:
    """The trimmed vocabulary, and for each of its ids the row of the embedding table it came from."""

    vocabulary: Vocabulary
    rows: NDArray[np.int64]


def trim(full: Vocabulary) -> Selection:
    """Keep the four special pieces in front and the useful ones behind them, in their old order."""
    special = [full.begin, full.pad, full.end, full.unknown]
    kept = [i for i, piece in enumerate(full.pieces) if i not in special and useful(piece)]
    rows = special + kept
    pieces = tuple(full.pieces[i] for i in rows)
    scores = tuple(full.scores[i] for i in rows)
    return Selection(Vocabulary(pieces, scores, begin=0, pad=1, end=2, unknown=3), np.array(rows))


def useful(piece: str) -> bool:
    letters = piece.removeprefix(WORD_START)
    if len(letters) == 1:
        return _shop_letter(letters) or _within(letters, _LONE_LETTERS) or unicodedata.category(letters)[0] in "PSN"
    return all(_shop_letter(letter) for letter in letters)


def _shop_letter(letter: str) -> bool:
    return letter == WORD_START or " " < letter <= "~" or _within(letter, _HAN) or _within(letter, _SIGNS)


def _within(letter: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(letter) <= last for first, last in ranges)
