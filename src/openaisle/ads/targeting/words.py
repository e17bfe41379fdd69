"""Keywords against queries, word by word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from openaisle.ads.campaign import Keyword, Match
from openaisle.language import Analyzer

Words = Callable[[str], Sequence[str]]
"""A text as its words in order, comparable between texts."""

_Owner = TypeVar("_Owner")


def words_of(analyzer: Analyzer, text: str) -> tuple[str, ...]:
    """One term for each thing that a text says: words by their stems, Chinese words whole, quantities in one unit."""
    said: dict[int, str] = {}
    for token in analyzer.tokens(text):
        said.setdefault(token.group, token.term)
    return tuple(said.values())


def matches(keyword: Sequence[str], match: Match, query: Sequence[str]) -> bool:
    """Whether a query says a keyword; one that says nothing matches nothing."""
    if not keyword:
        return False
    if match is Match.EXACT:
        return tuple(keyword) == tuple(query)
    if match is Match.BROAD:
        return set(keyword) <= set(query)
    length = len(keyword)
    return any(tuple(query[at : at + length]) == tuple(keyword) for at in range(len(query) - length + 1))


class KeywordIndex(Generic[_Owner]):
    """Many keywords with their owners, found by the words of a query in time that does not grow with all of them."""

    def __init__(self, keywords: Iterable[tuple[Keyword, _Owner]], words: Words) -> None:
        # a query that says a keyword says its first word, too, whatever the match
        self._by_first: dict[str, list[tuple[tuple[str, ...], Keyword, _Owner]]] = defaultdict(list)
        for keyword, owner in keywords:
            said = tuple(words(keyword.text))
            if said:
                self._by_first[said[0]].append((said, keyword, owner))

    def find(self, query: Sequence[str]) -> list[tuple[Keyword, _Owner]]:
        return [
            (keyword, owner)
            for word in dict.fromkeys(query)
            for said, keyword, owner in self._by_first.get(word, ())
            if matches(said, keyword.match, query)
        ]
