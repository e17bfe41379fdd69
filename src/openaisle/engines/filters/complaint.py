"""How a filter that does not parse is shown to the one who wrote it."""

from __future__ import annotations

import unicodedata

from openaisle.errors import FilterSyntaxError

EXAMPLE = 'price < 50 AND (brand = "Nike" OR NOT category IN [Shoes, 鞋])'
_CONTEXT = 60
"""Characters shown on either side of the position."""


def syntax_error(text: str, position: int, complaint: str, mend: str = "") -> FilterSyntaxError:
    """An error whose detail is one sentence, then the filter, then a caret under the position."""
    sentence = f"{complaint} at character {position + 1} of the filter."
    return FilterSyntaxError(f"{sentence}\n{_pointed(text, position)}", mend or f"Write it like this: {EXAMPLE}")


def _pointed(text: str, position: int) -> str:
    start, end = max(0, position - _CONTEXT), position + _CONTEXT
    before, after = _printable(text[start:position]), _printable(text[position:end])
    lead = "…" if start else ""
    trail = "…" if end < len(text) else ""
    return f"  {lead}{before}{after}{trail}\n  {' ' * _columns(lead + before)}^"


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _columns(text: str) -> int:
    """Terminal columns: a Chinese character takes two, a combining mark none."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
