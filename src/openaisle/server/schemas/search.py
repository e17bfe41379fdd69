"""The shapes of a search and its answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from openaisle.search.request import Mode, SearchRequest

_ANSWER: dict[str, Any] = {
    "query_id": "0b5d1a0c6f4e4f5c",
    "total": 1,
    "hits": [
        {
            "id": "MUG-01",
            "score": 0.912,
            "product": {"id": "MUG-01", "title": {"en": "Stoneware mug, 350 ml"}, "price": 12.5},
            "highlights": {"title": "Stoneware <em>mug</em>, 350 ml"},
        }
    ],
    "facets": {"brand": {"Lehmhof": 1}},
    "timings": {"understand": 0.2, "retrieve": 1.1, "total": 1.9},
    "notices": [],
}


class SearchBody(BaseModel):
    """One search; an empty query browses."""

    model_config = ConfigDict(
        title="SearchRequest",
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"query": "blue mug", "limit": 5, "filter": "price < 20 AND in_stock = true", "facets": ["brand"]}
            ]
        },
    )

    query: str = ""
    limit: int = Field(10, ge=0, le=1000, description="Hits to return.")
    offset: int = Field(0, ge=0, description="Hits to skip.")
    filter: str | None = Field(None, description='Such as `price < 50 AND brand = "Lehmhof"`.')
    facets: list[str] = Field([], description="Fields to count, or `FIELD:low,high,…` for numeric ranges.")
    disjunctive: list[str] = Field([], description="Facets that are counted as if the filter said nothing of them.")
    sort: str | None = Field(None, description="`FIELD:asc` or `FIELD:desc`; relevance without it.")
    mode: Mode = Mode.HYBRID
    shopper: str | None = Field(None, max_length=256, description="Who asks; what they did moves what suits them up.")
    explain: bool = Field(False, description="Whether each hit tells the parts of its score.")
    group: bool = Field(True, description="Whether variants of one product are one hit.")
    ads: bool = Field(True, description="Whether sponsored products may stand on the first page.")

    def request(self) -> SearchRequest:
        return SearchRequest(
            query=self.query,
            limit=self.limit,
            offset=self.offset,
            filter=self.filter,
            facets=tuple(self.facets),
            disjunctive=tuple(self.disjunctive),
            sort=self.sort,
            mode=self.mode,
            shopper=self.shopper,
            explain=self.explain,
            group=self.group,
            ads=self.ads,
        )


class MatchDocument(BaseModel):
    """Why an ad stands on a page."""

    model_config = ConfigDict(title="AdExplanation", extra="allow")

    matched: str = Field(description="`meaning`, or the kind of keyword.", examples=["broad keyword"])
    keyword: str = Field(description="The keyword that the query says; `(topic)` where none does.")
    relevance: float = Field(description="The product's score for the query.")
    floor: float = Field(description="The least that it had to be on this page.")


class AdDocument(BaseModel):
    """Whose ad it is; `campaign`, `query_id` and `token` come back with a click on it."""

    model_config = ConfigDict(title="Ad", extra="allow")

    campaign: str
    advertiser: str
    query_id: str
    token: str = Field(description="What a click may cost, sealed.")
    explanation: MatchDocument


class HitDocument(BaseModel):
    """One product found, the best of its variants."""

    model_config = ConfigDict(title="Hit", extra="allow")

    id: str
    score: float
    product: dict[str, Any]
    highlights: dict[str, str]
    explanation: dict[str, float] | None = Field(None, description="Named parts that sum to the score.")
    sponsored: Literal[True] | None = Field(None, description="On an ad alone.")
    ad: AdDocument | None = Field(None, description="On an ad alone.")


class AnswerDocument(BaseModel):
    """What was found."""

    model_config = ConfigDict(title="SearchResponse", extra="allow", json_schema_extra={"examples": [_ANSWER]})

    query_id: str
    total: int
    hits: list[HitDocument]
    facets: dict[str, dict[str, int]]
    timings: dict[str, float] = Field(description="Milliseconds per step.")
    notices: list[str] = Field(description="What was corrected, relaxed or left out.")
