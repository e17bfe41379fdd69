"""A page as an answer: products, what matched in them, and why they are where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from openaisle.language import Analyzer, Language
from openaisle.language.highlight import highlight
from openaisle.search.arrange import Page
from openaisle.search.question import Question
from openaisle.search.rank import IDENTIFIER, MEANING, PROFILE, RERANKER, WORDS, Ranked
from openaisle.search.response import Hit

Bodies = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
"""Products as JSON-ready mappings by id; ids that are gone are left out."""

_CROP = 160
_SCANNED = 400
"""Characters of a description in which matches are looked for."""
_MARK = "<em>"


def present(question: Question, analyzer: Analyzer, ranked: Ranked, page: Page, bodies: Bodies) -> tuple[Hit, ...]:
    """The hits of a page. A product deleted since the index was written is not shown."""
    ids = question.snapshot.ids(ranked.rows[page.places])
    products = bodies(ids)
    terms = {term for group in question.intent.lexical.groups for term, _ in group.alternatives}
    return tuple(
        Hit(
            id=id,
            score=float(ranked.scores[place]),
            product=products[id],
            highlights=_highlights(products[id], terms, analyzer, question.intent.language),
            variants=int(variants),
        )
        for id, place, variants in zip(ids, page.places, page.variants, strict=True)
        if id in products
    )


def _highlights(product: Mapping[str, Any], terms: set[str], analyzer: Analyzer, language: Language) -> dict[str, str]:
    """Title and description with what matched marked, where anything did, in the query's language if there is one."""
    if not terms:
        return {}
    marked = {
        "title": highlight(_text(product.get("title"), language), terms, analyzer),
        "description": highlight(_text(product.get("description"), language)[:_SCANNED], terms, analyzer, _CROP),
    }
    return {field: text for field, text in marked.items() if _MARK in text}


def _text(text: str | Mapping[str, str] | None, language: Language) -> str:
    if not text:
        return ""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()))


def explained(question: Question, ranked: Ranked, page: Page, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits with the named parts that sum to their scores: every word by itself, the meaning, the identifier,
    what the reranker and the shopper's profile added."""
    rows = dict(zip(question.snapshot.ids(ranked.rows[page.places]), page.places, strict=True))
    return tuple(replace(hit, explanation=_explanation(question, ranked, int(rows[hit.id]))) for hit in hits)


def _explanation(question: Question, ranked: Ranked, place: int) -> dict[str, float]:
    parts = {name: float(part[place]) for name, part in ranked.parts.items() if part[place]}
    words = parts.pop(WORDS, 0.0)
    terms = question.snapshot.explain(int(ranked.rows[place]), question.intent.lexical) if words else []
    said = sum(term.score for term in terms)
    by_word: dict[str, float] = {}
    for term in terms:
        name = f"word {term.term}"
        by_word[name] = by_word.get(name, 0.0) + words * term.score / said
    named = {name: parts.get(name) for name in (MEANING, IDENTIFIER, RERANKER, PROFILE)}
    return {**by_word, **{name: score for name, score in named.items() if score is not None}}
