"""A page as an answer: products, what matched in them, and why they are where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openaisle.engines.protocol import Snapshot
from openaisle.language import Analyzer
from openaisle.language.highlight import highlight
from openaisle.language.script import language_of
from openaisle.search.arrange import Page
from openaisle.search.rank import IDENTIFIER, MEANING, WORDS, Ranked
from openaisle.search.response import Hit
from openaisle.search.understand import Intent

Bodies = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
"""Products as JSON-ready mappings by id; ids that are gone are left out."""

_CROP = 160
_MARK = "<em>"


def present(
    snapshot: Snapshot, intent: Intent, analyzer: Analyzer, ranked: Ranked, page: Page, bodies: Bodies, explain: bool
) -> tuple[Hit, ...]:
    """The hits of a page. A product deleted since the index was written is not shown."""
    ids = snapshot.ids(ranked.rows[page.places])
    products = bodies(ids)
    terms = {term for group in intent.lexical.groups for term, _ in group.alternatives}
    return tuple(
        Hit(
            id=id,
            score=float(ranked.scores[place]),
            product=products[id],
            highlights=_highlights(products[id], terms, analyzer, intent.text),
            variants=int(variants),
            explanation=_explanation(snapshot, intent, ranked, int(place)) if explain else None,
        )
        for id, place, variants in zip(ids, page.places, page.variants, strict=True)
        if id in products
    )


def _highlights(product: Mapping[str, Any], terms: set[str], analyzer: Analyzer, query: str) -> dict[str, str]:
    """Title and description with what matched marked, where anything did, in the query's language if there is one."""
    if not terms:
        return {}
    marked = {
        "title": highlight(_text(product.get("title"), query), terms, analyzer),
        "description": highlight(_text(product.get("description"), query), terms, analyzer, _CROP),
    }
    return {field: text for field, text in marked.items() if _MARK in text}


def _text(text: str | Mapping[str, str] | None, query: str) -> str:
    if not text:
        return ""
    if isinstance(text, str):
        return text
    return text.get(language_of(query)) or next(iter(text.values()))


def _explanation(snapshot: Snapshot, intent: Intent, ranked: Ranked, place: int) -> dict[str, float]:
    """Named parts that sum to the score: every word by itself, the meaning, the identifier."""
    parts = {name: float(part[place]) for name, part in ranked.parts.items() if part[place]}
    words = parts.pop(WORDS, 0.0)
    terms = snapshot.explain(int(ranked.rows[place]), intent.lexical) if words else []
    said = sum(term.score for term in terms)
    by_word: dict[str, float] = {}
    for term in terms:
        name = f"word {term.term}"
        by_word[name] = by_word.get(name, 0.0) + words * term.score / said
    named = {"meaning": parts.get(MEANING), "identifier": parts.get(IDENTIFIER)}
    return {**by_word, **{name: score for name, score in named.items() if score is not None}}
