"""What a caller gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Hit:
    """One product (of its variants the best) with its score.

    `variants` counts the variants of the product that match. `explanation` holds the named parts that sum to the score.
    `ad` is None for what stands here by its own merit; of a sponsored product it says whose it is and why it is here,
    and holds what a click on it is reported with.
    """

    id: str
    score: float
    product: Mapping[str, Any]
    highlights: Mapping[str, str]
    variants: int = 1
    explanation: Mapping[str, float] | None = None
    ad: Mapping[str, Any] | None = None

    @property
    def sponsored(self) -> bool:
        return self.ad is not None

    def as_dict(self) -> dict[str, Any]:
        hit: dict[str, Any] = {
            "id": self.id,
            "score": self.score,
            "product": dict(self.product),
            "highlights": dict(self.highlights),
            "variants": self.variants,
        }
        if self.explanation is not None:
            hit["explanation"] = dict(self.explanation)
        if self.ad is not None:
            hit |= {"sponsored": True, "ad": dict(self.ad)}
        return hit


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """The answer to one search. `total` and `facets` count all products that match, not just this page; `timings` are
    milliseconds per step; `notices` tell what was corrected, relaxed or left out."""

    query_id: str
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]
    timings: Mapping[str, float]
    notices: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The answer as JSON, as the command line and the HTTP service give it."""
        return {
            "query_id": self.query_id,
            "total": self.total,
            "hits": [hit.as_dict() for hit in self.hits],
            "facets": {name: dict(counts) for name, counts in self.facets.items()},
            "timings": dict(self.timings),
            "notices": list(self.notices),
        }
