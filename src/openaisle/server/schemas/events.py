"""The shape of events. The room's own validation decides; this describes it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from openaisle.events import limits
from openaisle.events.event import Kind, Source

EXAMPLE: dict[str, Any] = {
    "id": "5f0c7a52-3a1e-4b7c-9a54-1f1d0f6f2b11",
    "kind": "click",
    "time": "2026-01-05T10:00:00Z",
    "shopper": "customer-17",
    "session": "visit-3",
    "query_id": "b7e3",
    "product_id": "MUG-01",
    "position": 2,
    "source": "search",
}


class EventDocument(BaseModel):
    """One thing that a shopper did, or that was shown to them. Absent and null are the same."""

    model_config = ConfigDict(title="Event", extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    id: str = Field(min_length=1, max_length=limits.ID_LENGTH, description="Its own; sent twice, it is stored once.")
    kind: Kind
    time: int | str | None = Field(None, description="Milliseconds since 1970, or ISO 8601; now, if left out.")
    shopper: str | None = Field(None, max_length=limits.NAME_LENGTH, description="Kept as a pseudonym only.")
    session: str | None = Field(None, max_length=limits.NAME_LENGTH, description="Kept as a pseudonym only.")
    query_id: str | None = Field(None, max_length=limits.LABEL_LENGTH, description="Of the search it followed.")
    query: str | None = Field(None, max_length=limits.QUERY_LENGTH, description="What was asked.")
    product_id: str | None = Field(
        None, max_length=limits.PRODUCT_ID_LENGTH, description="Needed for every kind but query."
    )
    position: int | None = Field(None, ge=1, le=limits.POSITION, description="Place in the list, from 1.")
    price: float | None = Field(None, ge=0, le=limits.PRICE, description="Of one piece, in major units.")
    currency: str | None = Field(None, description="ISO 4217.")
    quantity: int | None = Field(None, ge=1, le=limits.QUANTITY)
    seconds: float | None = Field(None, ge=0, le=limits.DWELL_SECONDS, description="Needed for dwell.")
    source: Source | None = Field(None, description="Where the product was shown.")
    placement: str | None = Field(None, max_length=limits.LABEL_LENGTH)
    campaign: str | None = Field(None, max_length=limits.LABEL_LENGTH)
    user_agent: str | None = Field(None, description="Of the shopper's browser, to know robots by; not kept.")


class EventReject(BaseModel):
    """An event that was not taken; the others were."""

    row: int = Field(description="Its place in the body, from 0.")
    id: str | None
    field: str
    reason: str
    mend: str


class EventsTaken(BaseModel):
    """What became of the events of one request. The accepted ones are stored."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"accepted": 2, "repeated": 0, "unknown": 0, "withheld": 0, "rejected": 0, "rejects": []},
            ]
        }
    )

    accepted: int
    repeated: int = Field(description="Those that were stored before; ids tell.")
    unknown: int = Field(description="Of the accepted ones, those whose product is not in the catalogue.")
    withheld: int = Field(description="Those from before their shopper's events were erased.")
    rejected: int
    rejects: list[EventReject] = Field(description="What was wrong, the first 1,000.")
