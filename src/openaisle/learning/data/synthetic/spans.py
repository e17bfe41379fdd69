"""Parts of a title that read like a query: a few neighbouring words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openaisle.language import Analyzer

_FEWEST, _MOST = 2, 4
"""Words of a span; one alone ("red") asks for too much."""
_LONGEST_TITLE = 300
_JOINTS = " ,;:.·-–|/()（），、"
_BROKEN = re.compile(r"[,;|，、–]")
_JOINING = frozenset(
    (
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "its",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "&",
        "的",
        "和",
        "与",
    )
)


def spans(title: str, analyzer: Analyzer) -> Iterator[str]:
    """Every run of two to four words as it is written, but not the title as a whole."""
    read = title[:_LONGEST_TITLE]
    words = _words(read, analyzer)
    for start in range(len(words)):
        for end in range(start + _FEWEST, min(start + _MOST, len(words)) + 1):
            span = read[words[start][0] : words[end - 1][1]].strip(_JOINTS)
            if end - start < len(words) and _stands_alone(span):
                yield span


def _stands_alone(span: str) -> bool:
    """Whether neither its first nor its last word waits for another one."""
    spoken = span.casefold().split()
    return bool(spoken) and spoken[0] not in _JOINING and spoken[-1] not in _JOINING and not _BROKEN.search(span)


def _words(title: str, analyzer: Analyzer) -> list[tuple[int, int]]:
    """Where the words stand: a word, number or compound each once, however many terms it has."""
    places: dict[int, tuple[int, int]] = {}
    for token in analyzer.tokens(title):
        start, end = places.get(token.group, (token.start, token.end))
        places[token.group] = (min(start, token.start), max(end, token.end))
    return [places[group] for group in sorted(places)]
