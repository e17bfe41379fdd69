"""Filter text to tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from openaisle.engines.filters.complaint import syntax_error

KEYWORDS = frozenset({"AND", "OR", "NOT", "IN", "TO", "EXISTS", "IS", "EMPTY", "NULL"})


class Kind(StrEnum):
    WORD = "word"
    QUOTED = "quoted"
    OPERATOR = "operator"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is what was meant (quotes and escapes resolved), `position` where it starts in the filter, from 0."""

    kind: Kind
    text: str
    position: int

    @property
    def keyword(self) -> str | None:
        """The keyword this is, in capitals; a quoted word never is one."""
        name = self.text.upper()
        return name if self.kind is Kind.WORD and name in KEYWORDS else None


_SPACE = re.compile(r"\s*")
_TOKEN = re.compile(
    r"""
    (?P<operator> [<>!]= | [=<>] )
  | (?P<mark>     [()\[\],] )
  | (?P<quoted>   "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' )
  | (?P<word>     (?: [^\s()\[\],=<>!"'] | !(?!=) | (?<=\w)'(?=\w) )+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"""\\(["'\\])""")


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a filter, then one of kind END. Raises `FilterSyntaxError` for a quote that does not close."""
    position = _skip_space(text, 0)
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise syntax_error(text, position, f"The quote {text[position]} is not closed")
        yield _token(match)
        position = _skip_space(text, match.end())
    yield Token(Kind.END, "", len(text))


def plain(text: str) -> bool:
    """Whether the text can stand without quotes and be read back as the same word."""
    match = _TOKEN.fullmatch(text)
    return match is not None and match.lastgroup == "word" and text.upper() not in KEYWORDS


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _token(match: re.Match[str]) -> Token:
    kind = Kind(str(match.lastgroup))
    text = match.group()
    if kind is Kind.QUOTED:
        text = _ESCAPE.sub(r"\1", text[1:-1])
    return Token(kind, text, match.start())


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
