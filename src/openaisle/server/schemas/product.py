"""The shape of a product. The catalogue's own validation decides; this describes it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from openaisle.catalog import limits

EXAMPLE: dict[str, Any] = {
    "id": "MUG-01",
    "title": {"en": "Stoneware mug, 350 ml", "zh": "粗陶马克杯 350毫升"},
    "brand": "Lehmhof",
    "category": ["Kitchen", "Mugs"],
    "price": 12.5,
    "currency": "EUR",
    "stock": 40,
    "attributes": {"colour": "blue", "capacity_ml": 350, "dishwasher_safe": True},
}

Text = str | dict[str, str]
Money = float | str
Number = float | str


class ProductDocument(BaseModel):
    """One sellable thing. Absent, null and empty values count as not given."""

    model_config = ConfigDict(title="Product", extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    id: str = Field(min_length=1, max_length=limits.ID_LENGTH)
    title: Text = Field(description="One text, or one per language: `en`, `zh`.")
    description: Text | None = None
    group_id: str | None = Field(None, description="Shared by the variants of one product.")
    brand: str | None = None
    category: list[str] | str | None = Field(None, description="Path from the root.")
    price: Money | None = Field(None, description="In major units of the currency.")
    sale_price: Money | None = Field(None, description="What a shopper pays now, when less than the price.")
    currency: str | None = Field(None, description="ISO 4217.")
    stock: int | None = None
    availability: str | None = Field(None, description="in_stock, out_of_stock, preorder, backorder or discontinued.")
    attributes: dict[str, str | float | bool | list[str]] | None = Field(
        None, description="The shop's own fields, to filter and count by."
    )
    images: list[str] | None = None
    url: str | None = None
    gtin: str | None = None
    mpn: str | None = None
    rating: Number | None = Field(None, description="0 to 5.")
    rating_count: int | None = None
    created_at: str | None = Field(None, description="ISO 8601.")
    updated_at: str | None = Field(None, description="ISO 8601.")
    ranking: dict[str, float] | None = Field(None, description="The shop's own signals, such as margin.")


class Reject(BaseModel):
    """A product that was not taken; the others were."""

    row: int = Field(description="Its place in the body, from 0.")
    id: str | None
    field: str
    reason: str
    mend: str


class Written(BaseModel):
    """What became of the products of one request. The accepted ones are stored and can be found."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"accepted": 2, "unchanged": 0, "rejected": 0, "rejects": []}]}
    )

    accepted: int
    unchanged: int = Field(description="Those that were already there just so.")
    rejected: int
    rejects: list[Reject] = Field(description="What was wrong, the first 1,000 problems.")


class Deleted(BaseModel):
    """How many products there were of those to delete."""

    deleted: int


class IdList(BaseModel):
    """Products by id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"ids": ["MUG-01", "MUG-02"]}]})

    ids: list[str] = Field(max_length=10_000)
