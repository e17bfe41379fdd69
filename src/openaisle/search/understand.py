"""A query as an intent: the terms to find with their alternatives, and whether it names one product."""

from __future__ import annotations

from dataclasses import dataclass

from openaisle.engines.protocol import LexicalQuery, Snapshot, TermGroup
from openaisle.indexing.texts import identifier_term
from openaisle.language import Analyzer, Kind, Language, Token, language_of
from openaisle.settings import SearchSettings

COVERAGE = 0.4
"""Share of the information of a query's known terms that a lexical match must contain."""
KIND_WEIGHTS = {Kind.PART: 0.5, Kind.MEASURE: 0.7, Kind.GRAM2: 0.6}
"""Terms that repeat what another term of the query says count less; all other kinds weigh 1. Chosen on judgments."""
CORRECTED = 0.7
COMPLETED = 0.8
_MOST_ALTERNATIVES = 8
_MOST_CORRECTIONS = 3
_SHORTEST_PREFIX = 3
_MOST_TERMS = 64
"""A query of a thousand characters is cut here; its first terms tell what it is about."""


@dataclass(frozen=True, slots=True)
class Intent:
    """`text` is the query as typed, trimmed, and `language` what it is written in; `identifier` finds the product whose
    id, GTIN or MPN it is."""

    text: str
    language: Language
    lexical: LexicalQuery
    identifier: LexicalQuery | None
    corrections: tuple[tuple[str, str], ...]

    @property
    def browses(self) -> bool:
        return not self.text


def understand(query: str, analyzer: Analyzer, snapshot: Snapshot, settings: SearchSettings) -> Intent:
    text = " ".join(query.split())
    tokens = _distinct(analyzer.tokens(text)) if text else []
    groups, corrections = [], []
    for token in tokens:
        alternatives, meant = _alternatives(token, text, analyzer, snapshot, settings)
        corrections += [(text[token.start : token.end], meant)] if meant else []
        groups.append(TermGroup(alternatives, KIND_WEIGHTS.get(token.kind, 1.0)))
    lexical = LexicalQuery(tuple(groups), COVERAGE)
    return Intent(text, language_of(text), lexical, _identifier(text, snapshot), tuple(corrections))


def _distinct(tokens: list[Token]) -> list[Token]:
    """Each term once, as its strongest kind."""
    strongest: dict[str, Token] = {}
    for token in tokens:
        known = strongest.get(token.term)
        if known is None or KIND_WEIGHTS.get(token.kind, 1.0) > KIND_WEIGHTS.get(known.kind, 1.0):
            strongest[token.term] = token
    return list(strongest.values())[:_MOST_TERMS]


def _alternatives(
    token: Token, text: str, analyzer: Analyzer, snapshot: Snapshot, settings: SearchSettings
) -> tuple[tuple[tuple[str, float], ...], str | None]:
    """The term and, for a word that no product has, the terms of what it begins or of what was probably meant; and
    that word, when it is a correction."""
    exact = (token.term, 1.0)
    if token.kind is not Kind.WORD or snapshot.frequency(token.term):
        return (exact,), None
    typed = text[token.start : token.end].casefold()
    if settings.prefix and token.end == len(text) and len(typed) >= _SHORTEST_PREFIX:
        completed = snapshot.completions(typed, _MOST_ALTERNATIVES)
        if completed:
            return (exact, *_terms(completed, COMPLETED, analyzer)), None
    corrected = _corrections(typed, snapshot, settings)
    return (exact, *_terms(corrected, CORRECTED, analyzer)), corrected[0] if corrected else None


def _terms(words: list[str], weight: float, analyzer: Analyzer) -> tuple[tuple[str, float], ...]:
    """Terms of written words, each once."""
    return tuple((term, weight) for term in dict.fromkeys(term for word in words for term in analyzer.terms(word)))


def _corrections(word: str, snapshot: Snapshot, settings: SearchSettings) -> list[str]:
    """The nearest words only: where one letter mends it, nothing that two would is meant."""
    letters = len(word)
    if letters >= settings.typos.two_from:
        distance = 2
    elif letters >= settings.typos.one_from:
        distance = 1
    else:
        return []
    nearest = snapshot.corrections(word, 1, _MOST_CORRECTIONS)
    return nearest or (snapshot.corrections(word, 2, _MOST_CORRECTIONS) if distance > 1 else [])


def _identifier(text: str, snapshot: Snapshot) -> LexicalQuery | None:
    term = identifier_term(text)
    if not text or snapshot.frequency(term) == 0:
        return None
    return LexicalQuery((TermGroup(((term, 1.0),)),), 1.0)
