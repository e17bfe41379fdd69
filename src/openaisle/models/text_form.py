"""The one form in which text reaches a model.

Encoders of the e5 family are touchy: a stray blank at the end of every title moves nDCG by .015 and more. So queries
and documents take the same form, here and nowhere else.
"""

from __future__ import annotations

import unicodedata

LONGEST_PIECE = 32
"""No vocabulary at hand has a longer piece; used to cut what a model would never see before it is split into tokens."""


def text_form(text: str, max_tokens: int) -> str:
    """`text` without control characters and stray blanks, cut to what `max_tokens` tokens can hold at most."""
    cut = text[: 4 * LONGEST_PIECE * max_tokens]
    if not cut.isprintable():
        cut = "".join(map(_printable, cut))
    return " ".join(cut.split())[: LONGEST_PIECE * max_tokens]


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return " " if category == "Cc" else character
