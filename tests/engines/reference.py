"""What an engine must answer, computed the slow and obvious way over plain documents."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from openaisle.engines.filters.expression import (
    And,
    Between,
    Comparison,
    Empty,
    Exists,
    Expression,
    Membership,
    Not,
    Operator,
    Or,
    Scalar,
    as_text,
)
from openaisle.engines.filters.literals import number
from openaisle.engines.protocol import (
    Direction,
    Document,
    Facet,
    LexicalQuery,
    RangeFacet,
    Sort,
    TermGroup,
    Value,
    ValueFacet,
)

K1, B, LEVELS = 1.2, 0.75, 255
BOOSTS: Mapping[str, float] = {"title": 3.0, "brand": 1.0}


def items(document: Document, field: str) -> list[Scalar]:
    value: Value | None = document.values.get(field)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return []
    return list(dict.fromkeys(value)) if isinstance(value, tuple) else [value]


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def reading(item: Scalar) -> float | None:
    """The number that a value is or reads as."""
    if isinstance(item, bool):
        return None
    return number(item) if isinstance(item, str) else item


def holds(expression: Expression, document: Document) -> bool:
    match expression:
        case And(parts):
            return all(holds(part, document) for part in parts)
        case Or(parts):
            return any(holds(part, document) for part in parts)
        case Not(part):
            return not holds(part, document)
        case Comparison(field, Operator.EQUAL, value):
            return any(_equal(item, value) for item in items(document, field))
        case Comparison(field, Operator.NOT_EQUAL, value):
            return not any(_equal(item, value) for item in items(document, field))
        case Comparison(field, operator, value):
            return any(_ordered(item, operator, value) for item in items(document, field))
        case Membership(field, values):
            return any(_equal(item, value) for item in items(document, field) for value in values)
        case Between(field, low, high):
            read = [reading(item) for item in items(document, field)]
            return any(n is not None and low <= n <= high for n in read)
        case Exists(field):
            return bool(items(document, field))
        case Empty(field):
            return not any(as_text(item) for item in items(document, field))
    raise AssertionError(expression)


def _equal(item: Scalar, wanted: Scalar) -> bool:
    return fold(as_text(item)) == fold(as_text(wanted))


def _ordered(item: Scalar, operator: Operator, wanted: Scalar) -> bool:
    left, right = reading(item), reading(wanted)
    if left is None or right is None:
        return False
    return {
        Operator.LESS: left < right,
        Operator.LESS_OR_EQUAL: left <= right,
        Operator.GREATER: left > right,
        Operator.GREATER_OR_EQUAL: left >= right,
    }[operator]


def facet_counts(documents: Iterable[Document], facet: Facet, by_group: bool) -> dict[str, int]:
    holders: dict[str, set[str]] = {}
    for document in documents:
        for label in _labels(document, facet):
            holders.setdefault(label, set()).add(document.group if by_group else document.id)
    counts = {label: len(held) for label, held in holders.items()}
    if isinstance(facet, ValueFacet):
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: facet.size])
    return {label: counts.get(label, 0) for label in _range_labels(facet)}


def _labels(document: Document, facet: Facet) -> set[str]:
    if isinstance(facet, ValueFacet):
        return {as_text(item) for item in items(document, facet.field)}
    read = [n for item in items(document, facet.field) if (n := reading(item)) is not None]
    ranges = zip(facet.bounds, facet.bounds[1:], _range_labels(facet), strict=False)
    return {label for low, high, label in ranges if any(low <= n < high for n in read)}


def _range_labels(facet: RangeFacet) -> list[str]:
    return [f"{as_text(low)}..{as_text(high)}" for low, high in zip(facet.bounds, facet.bounds[1:], strict=False)]


def sorted_ids(documents: Sequence[Document], sort: Sort) -> list[str]:
    with_value = [d for d in documents if items(d, sort.field)]
    without = [d.id for d in documents if not items(d, sort.field)]
    keys = {d.id: _sort_key(items(d, sort.field)[0]) for d in with_value}
    # `reverse` keeps the order of equals, as a stable descending sort must
    ordered = sorted(with_value, key=lambda d: keys[d.id], reverse=sort.direction is Direction.DESC)
    return [*(d.id for d in ordered), *without]


def _sort_key(item: Scalar) -> tuple[float, str, str]:
    read = reading(item)
    if isinstance(item, float):
        return (item, as_text(item), as_text(item))
    text = as_text(item)
    return (math.inf if read is None else read, fold(text), text)


class Words:
    """BM25F over documents that were written at once: what every engine's lexical scores must come to, up to the
    rounding of a term's weight to 8 bits."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.averages = {
            field: sum(len(d.terms.get(field, ())) for d in documents) / max(len(documents), 1) for field in BOOSTS
        }

    def information(self, group: TermGroup) -> float:
        known = max((self.frequency(term) for term, _ in group.alternatives), default=0)
        return group.weight * math.log(1 + (len(self.documents) - known + 0.5) / (known + 0.5))

    def frequency(self, term: str) -> int:
        return sum(any(term in terms for terms in d.terms.values()) for d in self.documents)

    def known(self, query: LexicalQuery) -> list[TermGroup]:
        return [g for g in query.groups if any(self.frequency(term) for term, _ in g.alternatives)]

    def carried(self, document: Document, query: LexicalQuery) -> float:
        return sum(self.information(g) for g in query.groups if self._weight(document, g) > 0)

    def score(self, document: Document, query: LexicalQuery) -> float:
        return sum(self.information(g) * self._weight(document, g) for g in query.groups)

    def tolerance(self, query: LexicalQuery) -> float:
        step = (K1 + 1) / LEVELS
        return sum(self.information(g) for g in query.groups) * step * 1.01 + 1e-4

    def _weight(self, document: Document, group: TermGroup) -> float:
        return max((self._saturated(document, term) * weight for term, weight in group.alternatives), default=0.0)

    def _saturated(self, document: Document, term: str) -> float:
        frequency = 0.0
        for field, boost in BOOSTS.items():
            terms = document.terms.get(field, ())
            if term in terms:
                relative = len(terms) / self.averages[field]
                frequency += list(terms).count(term) * boost / (1 - B + B * relative)
        return frequency * (K1 + 1) / (frequency + K1)


def cosine(document: Document, query: np.ndarray) -> float | None:
    return None if document.vector is None else float(document.vector @ query)
