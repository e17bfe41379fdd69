"""A token: one term of a text, where it stands there, and what kind of evidence it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a term is; an engine may weigh terms by it."""

    WORD = "word"
    """A word of an alphabetic script, stemmed if English."""
    MODEL = "model"
    """A compound of letters and digits, whole: `wh1000xm5`, `2x4`, `usbc`."""
    MEASURE = "measure"
    """A quantity in its canonical unit: `500ml`, `12in`."""
    NUMBER = "number"
    """A bare number."""
    PART = "part"
    """A piece of a compound or measure: `wh`, `1000`, `ml`."""
    HAN = "han"
    """A Chinese word of two or more characters, as segmented."""
    GRAM2 = "gram2"
    """Two neighbouring Chinese characters that are not a word."""
    GRAM1 = "gram1"
    """One Chinese character."""


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` are offsets into the text as it was given, before any normalisation.

    Tokens of one `group` say the same thing in several ways (a model number and its parts, a word and its characters),
    so a ranker can count them as one information need. Groups are numbered from 0 in text order.
    """

    term: str
    start: int
    end: int
    kind: Kind
    group: int


Piece = tuple[str, int, int, Kind, int]
"""A token while it is being made: term, start, end, kind, group, relative to the run it was found in."""
