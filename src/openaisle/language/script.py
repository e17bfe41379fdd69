"""What a text's script and a term's shape tell: its language, and whether it is a model number."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from openaisle.language.han import HAN

Language = Literal["zh", "en", "other"]

_HAN = re.compile(f"[{HAN}]")
_LATIN = re.compile(r"[A-Za-z]")
_LETTER = re.compile(r"[^\W\d_]")
_LETTERS_PER_HAN = 3
"""One Chinese character says about as much as three Latin letters (苹果iPhone15手机壳 is Chinese)."""
_IDENTIFYING_DIGITS = 4


def language_of(text: str) -> Language:
    """The language by share of script: Chinese, a language in Latin letters ("en"), or other (also: no letters).

    Decides which text and dense weight to prefer; it does not tell French from English.
    """
    wide = unicodedata.normalize("NFKC", text)
    han, latin = len(_HAN.findall(wide)), len(_LATIN.findall(wide))
    rest = len(_LETTER.findall(wide)) - han - latin
    if han and han * _LETTERS_PER_HAN >= latin + rest:
        return "zh"
    return "en" if latin and latin >= rest else "other"


def is_model_number(term: str) -> bool:
    """Whether a term names one thing exactly (`wh1000xm5`, `500ml`, `10450`): no typo of it may be forgiven."""
    digits = sum(map(str.isdigit, term))
    return digits >= _IDENTIFYING_DIGITS or (digits > 0 and any(map(str.isalpha, term)))
