"""The shape of recommendations."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from openaisle.recommend.placements import Place

_ANSWER: dict[str, Any] = {
    "placement": "similar",
    "model": "000003",
    "recommendations": [
        {
            "id": "MUG-02",
            "score": 1.204,
            "product": {"id": "MUG-02", "title": {"en": "Stoneware mug, 500 ml"}, "price": 14.5},
            "contributions": {"followed": 0.71, "content": 0.52, "base": -0.026},
            "reason": {
                "key": "viewed_with",
                "because": "MUG-01",
                "text": {
                    "en": "Often viewed with Stoneware mug, 350 ml",
                    "zh": "看过Stoneware mug, 350 ml的人也看",
                },
            },
        }
    ],
    "timings": {"follow": 0.1, "context": 0.3, "pick": 2.2, "present": 0.2, "total": 2.8},
    "notices": [],
}


class ReasonDocument(BaseModel):
    """Why, in words for the shopper."""

    model_config = ConfigDict(title="Reason")

    key: str = Field(description="Which template, such as `viewed` or `bought_with`.")
    because: str | None = Field(description="The product that the text speaks of.")
    text: dict[str, str] = Field(description="By language.")


class RecommendationDocument(BaseModel):
    """One product recommended."""

    model_config = ConfigDict(title="Recommendation", extra="allow")

    id: str
    score: float
    product: dict[str, Any]
    contributions: dict[str, float] = Field(description="Named parts that sum to the score.")
    reason: ReasonDocument


class RecommendationsDocument(BaseModel):
    """What is recommended, the best first."""

    model_config = ConfigDict(title="Recommendations", extra="allow", json_schema_extra={"examples": [_ANSWER]})

    placement: Place
    model: str = Field(description="The generation of the trained recommendations that answered.")
    recommendations: list[RecommendationDocument]
    timings: dict[str, float] = Field(description="Milliseconds per step.")
    notices: list[str]
