"""Highlighting: what matched, marked in the text as the shop wrote it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from html import escape

from openaisle.language.analyzer import Analyzer
from openaisle.language.tokens import Kind, Token

Span = tuple[int, int]

_OPEN, _CLOSE, _CUT = "<em>", "</em>", "…"
_LEAD = 4
"""A crop starts a quarter of its width before its first match."""
_WORD = 16
"""How far a cut may move back to the blank before a word."""


def highlight(text: str, terms: Collection[str], analyzer: Analyzer, width: int | None = None) -> str:
    """`text` as HTML with `<em>` around what matches `terms`; everything else escaped.

    `width` crops to about so many characters (of the original) around the place where most different terms match.
    """
    matches = [token for token in analyzer.matches(text, terms) if not _is_stray(token, terms)]
    start, end = (0, len(text)) if width is None or len(text) <= width else _window(text, matches, width)
    body = _mark(text, merged((token.start, token.end) for token in matches), start, end)
    return f"{_CUT if start else ''}{body}{_CUT if end < len(text) else ''}"


def merged(spans: Iterable[Span]) -> list[Span]:
    """Overlapping and touching spans as one, in order."""
    union: list[Span] = []
    for start, end in sorted(spans):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return union


def _is_stray(token: Token, terms: Collection[str]) -> bool:
    """A single character that was asked for only as a piece of a word: marking it alone would be noise."""
    return token.kind is Kind.GRAM1 and any(len(term) > 1 and token.term in term for term in terms)


def _window(text: str, matches: list[Token], width: int) -> Span:
    best, most = 0, 0
    last = 0
    inside: dict[str, int] = {}
    ordered = sorted(matches, key=lambda token: token.start)
    for token in ordered:
        while last < len(ordered) and ordered[last].end <= token.start + width - width // _LEAD:
            inside[ordered[last].term] = inside.get(ordered[last].term, 0) + 1
            last += 1
        if len(inside) > most:
            best, most = token.start, len(inside)
        _leave(inside, token.term)
    start = max(0, min(best - width // _LEAD, len(text) - width))
    return _at_blank(text, start, best), _at_blank(text, min(len(text), start + width), start)


def _leave(inside: dict[str, int], term: str) -> None:
    remaining = inside.get(term, 0) - 1
    if remaining > 0:
        inside[term] = remaining
    else:
        inside.pop(term, None)


def _at_blank(text: str, cut: int, keep: int) -> int:
    """The cut moved back to just after a blank, so that no word is torn; never before the start nor past `keep`."""
    if cut in (0, len(text)):
        return cut
    blank = text.rfind(" ", max(0, cut - _WORD), cut)
    return blank + 1 if blank >= 0 and (blank + 1 > keep or cut <= keep) else cut


def _mark(text: str, spans: list[Span], start: int, end: int) -> str:
    parts: list[str] = []
    position = start
    for opening, closing in spans:
        left, right = max(opening, start), min(closing, end)
        if left >= right:
            continue
        parts += (escape(text[position:left]), _OPEN, escape(text[left:right]), _CLOSE)
        position = right
    parts.append(escape(text[position:end]))
    return "".join(parts)
