"""What is answered: products with their score, its parts and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openaisle.recommend.placements import Place


@dataclass(frozen=True, slots=True)
class Reason:
    """`because` names the product that `text` speaks of, in each language; "" where it speaks of none."""

    key: str
    because: str
    text: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        return {"key": self.key, "because": self.because or None, "text": dict(self.text)}


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`contributions` are named parts that add up to `score`."""

    id: str
    score: float
    product: Mapping[str, Any]
    contributions: Mapping[str, float]
    reason: Reason

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "score": round(self.score, 6),
            "product": dict(self.product),
            "contributions": {name: round(value, 6) for name, value in self.contributions.items()},
            "reason": self.reason.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Recommendations:
    """`model` is the generation that answered, `timings` are in milliseconds."""

    placement: Place
    model: str
    recommendations: tuple[Recommendation, ...]
    timings: Mapping[str, float]
    notices: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "placement": str(self.placement),
            "model": self.model,
            "recommendations": [each.as_dict() for each in self.recommendations],
            "timings": {step: round(ms, 3) for step, ms in self.timings.items()},
            "notices": list(self.notices),
        }
