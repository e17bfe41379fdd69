"""Graded judgments: queries with products of the catalogue and how well each answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from openaisle.evaluation.judgments import Gains, read_judgments
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.examples import Candidate, JudgedQuery


def from_judgments(path: Path, shelf: Shelf) -> Iterator[JudgedQuery]:
    """One example a query, with those of its products that the shop has; queries left with none are passed over.

    Raises `JudgmentsError` for a file that cannot be read, `DataError` where the shop has none of the products.
    """
    judged = read_judgments(path)
    texts = shelf.texts(product for gains in judged.gains.values() for product in gains)
    for query, gains in judged.gains.items():
        candidates = known_candidates(gains, texts)
        if candidates:
            yield JudgedQuery(query, candidates)


def known_candidates(gains: Gains, texts: Mapping[str, str]) -> tuple[Candidate, ...]:
    """The judged products that have a text; a gain below 0 counts as 0."""
    return tuple(
        Candidate(texts[product], max(gain, 0.0), product) for product, gain in gains.items() if product in texts
    )
