"""What of a product is searched by words, and what its vector is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from openaisle.catalog.product import AttributeValue, Product, texts
from openaisle.engines.filters.expression import as_text
from openaisle.engines.protocol import WRITTEN
from openaisle.language import Analyzer

IDENTIFIER_MARK = "="
"""Begins the term that stands for a whole identifier, so that a query which is one finds it and nothing else."""
SPELLING = "spelling"
"""The field of words as they are written in titles, brands and categories."""
_WRITTEN_WORD = re.compile(r"[a-z]{3,}")
_NO_JOINERS = str.maketrans("", "", " -_./")


def searchable_terms(product: Product, analyzer: Analyzer) -> dict[str, Sequence[str]]:
    """Terms per searchable field, in text order; fields without text are left out."""
    by_field = {
        "title": texts(product.title),
        "brand": (product.brand,) if product.brand else (),
        "category": product.category,
        "attributes": [words for name, value in product.attributes.items() for words in attribute_words(name, value)],
        "description": texts(product.description),
    }
    terms = {field: [t for text in words for t in analyzer.terms(text)] for field, words in by_field.items()}
    written = _written((*by_field["title"], *by_field["brand"], *by_field["category"]))
    every = {**terms, "identifiers": _identifiers(product, analyzer), SPELLING: written}
    return {field: found for field, found in every.items() if found}


def attribute_words(name: str, value: AttributeValue) -> Iterable[str]:
    """How an attribute reads: its text; its name if it is true; a number with the unit its name ends in (`350 ml`)."""
    spoken = name.replace("_", " ")
    match value:
        case bool():
            return (spoken,) if value else ()
        case float() | int():
            return (f"{as_text(float(value))} {spoken.rsplit(' ', 1)[-1]}",)
        case str():
            return (value,)
    return value


def identifier_term(text: str) -> str:
    """The term of a whole identifier, however it is spaced, hyphenated or cased."""
    return IDENTIFIER_MARK + text.strip().casefold().translate(_NO_JOINERS)


def encoded_text(product: Product, fields: Iterable[str]) -> str:
    """The text a product's vector is made of: the chosen fields in their order, every language, parts set apart."""
    by_field = {
        "title": " ".join(texts(product.title)),
        "brand": product.brand or "",
        "category": " ".join(product.category[-1:]),
        "attributes": ", ".join(
            words for name, value in product.attributes.items() for words in attribute_words(name, value)
        ),
        "description": " ".join(texts(product.description)),
        "identifiers": " ".join(filter(None, (product.mpn,))),
    }
    return " ".join(part for field in fields if (part := by_field[field]))


def _written(words: Iterable[str]) -> list[str]:
    return [f"{WRITTEN}{word}" for text in words for word in set(_WRITTEN_WORD.findall(text.casefold()))]


def _identifiers(product: Product, analyzer: Analyzer) -> list[str]:
    known = [text for text in (product.id, product.gtin, product.mpn) if text]
    words = [term for text in (product.mpn,) if text for term in analyzer.terms(text)]
    return [*map(identifier_term, known), *words]
