"""Folding: one spelling for all widths, cases, accents and encodings of the same text, with a way back to it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_REPLACED = {
    "ı": "i",
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "æ": "ae",
    "œ": "oe",
    "×": "x",
    "✕": "x",
    "✖": "x",
    "╳": "x",
    "⁄": "/",
    "’": "'",
    "‘": "'",
    "′": "'",
    "ʼ": "'",
    "”": '"',
    "“": '"',
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "–": "-",
    "−": "-",
}
_ALSO_BLANK = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85"


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` folded; `origins[i]` is where the character that gave `text[i]` stood, None when nothing moved."""

    text: str
    length: int
    origins: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original text that `text[start:end]` came from."""
        if self.origins is None:
            return start, end
        first, last = self.origins[start], self.origins[end - 1]
        following = self.origins[end] if end < len(self.origins) else self.length
        return first, max(following, last + 1)


class Folder:
    """Folds characters one at a time, so that composed and decomposed text come out alike.

    NFKD, case folding, accents and all other combining marks dropped, invisible and control characters dropped,
    decimal digits of any script as ASCII. Holds what it learnt of each character met: at most one entry per character
    of Unicode.
    """

    def __init__(self) -> None:
        self._table = _Table()

    def fold(self, text: str) -> str:
        """The folded text alone; the cheap way when offsets are not needed."""
        return text.translate(self._table)

    def fold_with_origins(self, text: str) -> Folded:
        folded = text.translate(self._table)
        if self._table.uneven.isdisjoint(text):
            return Folded(folded, len(text), None)
        widths = (1 if char not in self._table.uneven else len(self._table[ord(char)]) for char in text)
        origins = tuple(index for index, width in enumerate(widths) for _ in range(width))
        return Folded(folded, len(text), origins)


class _Table(dict[int, str]):
    """Character code → what it folds to, filled as characters are met (`str.translate` calls `__missing__`)."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = fold_character(char)
        if len(folded) != 1:
            self.uneven.add(char)
        self[code] = folded
        return folded


def fold_character(char: str) -> str:
    """What one character becomes: none, one or several characters."""
    if char in _ALSO_BLANK:
        return " "
    if char in _REPLACED:
        return _REPLACED[char]
    compatible = unicodedata.normalize("NFKD", char)
    # "3½" is three and a half, not thirty-one halves.
    lead = " " if len(compatible) > 1 and "⁄" in compatible else ""
    # Case folding can reveal characters that decompose further, and the other way round.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", compatible.casefold()).casefold())
    return lead + "".join(map(_plain, folded))


def _plain(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] == "M" or category in ("Cf", "Cc"):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    return _REPLACED.get(char, char)
