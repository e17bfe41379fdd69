"""The shapes of a shopper's profile."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_PROFILE: dict[str, Any] = {
    "on": True,
    "acts": 14,
    "first": "2026-01-05T10:00:00.000+00:00",
    "latest": "2026-01-19T18:30:00.000+00:00",
    "interests": [{"field": "brand", "value": "Lehmhof", "share": 0.64}],
    "visit": [{"field": "category", "value": "Kitchen", "share": 1.0}],
    "likeness": True,
    "words": ["Made of 14 acts from 2026-01-05 to 2026-01-19.", "Brands: Lehmhof (64%)."],
}


class InterestDocument(BaseModel):
    """A value that the shopper goes for."""

    model_config = ConfigDict(title="Interest")

    field: str = Field(description="brand, category, price (1, cheap for what it is, to 5), or an attribute.")
    value: str
    share: float = Field(description="Part of all interest that was shown in the field, 0 to 1.")


class ShopperProfile(BaseModel):
    """What is known of a shopper's interests. Where it is switched off, nothing is."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PROFILE]})

    on: bool = Field(description="Whether there may be a profile.")
    acts: int = Field(description="Things done that it is made of; 0 where nothing is known.")
    first: str | None
    latest: str | None
    interests: list[InterestDocument] = Field(description="Lasting ones.")
    visit: list[InterestDocument] = Field(description="Those of the last half hours.")
    likeness: bool = Field(description="Whether products like those looked at count, by their texts.")
    words: list[str] = Field(description="The same in plain words.")


class SwitchBody(BaseModel):
    """A shopper's yes or no to a profile."""

    model_config = ConfigDict(title="ProfileSwitch", extra="forbid", json_schema_extra={"examples": [{"on": False}]})

    on: bool


class Switched(BaseModel):
    """What holds from now on."""

    model_config = ConfigDict(title="ProfileSwitched")

    on: bool


class Erased(BaseModel):
    """What was erased."""

    erased: int = Field(description="Events.")
