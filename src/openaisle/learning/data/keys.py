"""What makes two queries the same query: a key that ignores case, width, order of words, plurals and punctuation."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from openaisle.language.han import HAN
from openaisle.learning.examples import Example, JudgedQuery, Scored, Triplet

_WORD = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
_SHORTEST_PLURAL = 4


def main_text(example: Example) -> str:
    """The text by which examples are split and compared: the query, or the one text of a labelled example."""
    match example:
        case JudgedQuery():
            return example.query
        case Triplet():
            return example.anchor
        case Scored():
            return example.left
        case _:
            return example.text


def canonical(text: str) -> str:
    """The key of a text: its words and Chinese characters in order of the alphabet.

    Depends on the text alone, so that a text keeps its split whatever is added beside it. That some different texts
    share a key (an anagram in Chinese) only keeps them in one split. A text without any letter or digit is its own key.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = sorted(map(_singular, _WORD.findall(plain)))
    return " ".join(words) or plain.strip()


def fraction(*parts: object) -> float:
    """A number from 0 up to 1 that the parts alone decide, evenly spread over different parts."""
    digest = blake2b("\0".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _singular(word: str) -> str:
    plural = len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if plural else word
