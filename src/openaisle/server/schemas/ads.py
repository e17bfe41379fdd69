"""The shapes of campaigns, clicks and reports."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from openaisle.ads.draft import CampaignDraft


class CampaignDocument(CampaignDraft):
    """A campaign with what became of it."""

    model_config = ConfigDict(title="Campaign", extra="allow")

    status: Literal["active", "paused", "removed"]
    spent: str = Field(description="What was billed, over all days.")


class CampaignList(BaseModel):
    """Every campaign, removed ones too."""

    campaigns: list[CampaignDocument]


class StatusBody(BaseModel):
    """What to do with a campaign."""

    model_config = ConfigDict(title="CampaignStatus", extra="forbid")

    status: Literal["active", "paused"]


class ClickBody(BaseModel):
    """A click on an ad, with what stood beside it."""

    model_config = ConfigDict(title="AdClick", extra="forbid")

    id: str = Field(min_length=1, max_length=128, description="The caller's own; the same one is charged once.")
    campaign: str = Field(max_length=64)
    product_id: str = Field(max_length=256)
    query_id: str = Field(max_length=128)
    token: str = Field(max_length=64)
    shopper: str = Field("", max_length=256, description="Who clicked, as the shop knows them.")
    time: int | None = Field(None, ge=0, le=2**47, description="Milliseconds since 1970; now without it.")
    bot: bool = Field(False, description="Whether the caller takes it for a program's.")


class ChargeDocument(BaseModel):
    """What became of a click."""

    model_config = ConfigDict(title="AdCharge")

    id: str
    state: Literal["reserved", "billed", "released"]
    reason: str = Field(description="Why it costs nothing: bot, burst, repeat, stale or budget.")


class ReportLine(BaseModel):
    """Figures of a campaign, a keyword or a day; amounts are decimal text in major units."""

    model_config = ConfigDict(title="AdReportLine")

    campaign: str | None = None
    keyword: str | None = None
    day: str | None = None
    currency: str
    impressions: int
    clicks: int
    free_clicks: int
    spend: str
    orders: int
    revenue: str
    ctr: float | None
    cpc: str | None
    cvr: float | None
    roas: float | None


class ReportDocument(BaseModel):
    """What ads brought."""

    model_config = ConfigDict(title="AdReport")

    lines: list[ReportLine]
    totals: list[ReportLine] = Field(description="A line a currency.")
