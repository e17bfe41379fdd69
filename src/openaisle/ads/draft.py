"""A campaign as it is written down: JSON with amounts as decimal text in major units, checked field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from openaisle.ads.campaign import Campaign, FrequencyCap, Keyword, Match, Schedule, Status
from openaisle.ads.money import major_units, minor_units
from openaisle.errors import InvalidCampaign

_Text = Annotated[str, Field(min_length=1, max_length=200)]
_Amount = Annotated[
    str, Field(pattern=r"^\d{1,15}(\.\d{1,3})?$", description="Major units as decimal text, such as `0.45`.")
]


class KeywordDraft(BaseModel):
    """A keyword that queries are compared with."""

    model_config = ConfigDict(title="Keyword", extra="forbid", frozen=True)

    text: _Text
    match: Match = Match.BROAD
    bid: _Amount | None = Field(None, description="Instead of the campaign's own.")


class ScheduleDraft(BaseModel):
    """When a campaign runs; hours and weekdays by its own clock."""

    model_config = ConfigDict(title="Schedule", extra="forbid", frozen=True)

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field(
        list(range(7)), min_length=1, max_length=7, description="0 is Monday."
    )
    hours: list[Annotated[int, Field(ge=0, le=23)]] = Field(list(range(24)), min_length=1, max_length=24)


class CapDraft(BaseModel):
    """How often one shopper may see the campaign within so many hours."""

    model_config = ConfigDict(title="FrequencyCap", extra="forbid", frozen=True)

    impressions: int = Field(ge=1, le=10_000)
    hours: int = Field(24, ge=1, le=24 * 31)


class CampaignDraft(BaseModel):
    """A campaign to run."""

    model_config = ConfigDict(title="NewCampaign", extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    advertiser: _Text
    name: str = Field("", max_length=200)
    products: list[Annotated[str, Field(min_length=1, max_length=256)]] = Field(min_length=1, max_length=1000)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    bid: _Amount = Field(description="The most that a click may cost.")
    daily_budget: _Amount
    total_budget: _Amount | None = None
    keywords: list[KeywordDraft] = Field([], max_length=1000)
    negatives: list[KeywordDraft] = Field([], max_length=1000, description="Queries that these match are left out.")
    topics: list[_Text] = Field([], max_length=100, description="Texts whose meaning a query must come close to.")
    similarity: float = Field(0.7, gt=0, le=1.5)
    schedule: ScheduleDraft = Field(default_factory=lambda: ScheduleDraft.model_validate({}))
    cap: CapDraft | None = None
    time_zone: str = Field("UTC", max_length=64)

    @model_validator(mode="after")
    def _whole(self) -> CampaignDraft:
        """What no field can say by itself."""
        if not self.keywords and not self.topics:
            raise ValueError("a campaign needs keywords or topics")
        words = (*self.keywords, *self.negatives)
        amounts = [self.bid, self.daily_budget, self.total_budget or "1", *(word.bid or "1" for word in words)]
        if not all(minor_units(amount, self.currency) for amount in amounts):
            raise ValueError("bids and budgets must be above 0")
        _require_zone(self.time_zone)
        return self

    def campaign(self, status: Status = Status.ACTIVE) -> Campaign:
        """The campaign that this describes."""

        def money(amount: str) -> int:
            return minor_units(amount, self.currency)

        return Campaign(
            id=self.id,
            advertiser=self.advertiser,
            products=tuple(dict.fromkeys(self.products)),
            currency=self.currency,
            bid=money(self.bid),
            daily_budget=money(self.daily_budget),
            total_budget=None if self.total_budget is None else money(self.total_budget),
            name=self.name,
            keywords=tuple(_keyword(word, money) for word in self.keywords),
            negatives=tuple(_keyword(word, money) for word in self.negatives),
            topics=tuple(self.topics),
            similarity=self.similarity,
            schedule=Schedule(
                _in_utc(self.schedule.starts_at),
                _in_utc(self.schedule.ends_at),
                frozenset(self.schedule.weekdays),
                frozenset(self.schedule.hours),
            ),
            cap=None if self.cap is None else FrequencyCap(self.cap.impressions, self.cap.hours),
            time_zone=self.time_zone,
            status=status,
        )


def read_draft(fields: Mapping[str, Any]) -> CampaignDraft:
    """Raises `InvalidCampaign`, which names the first field that is wrong."""
    try:
        return CampaignDraft.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "campaign"
        raise InvalidCampaign(f"{place}: {first['msg']}.", "Correct the campaign and add it again.") from None


def draft_of(campaign: Campaign) -> CampaignDraft:
    """The campaign written down; reading it gives an equal one."""

    def told(amount: int | None) -> str | None:
        return None if amount is None else major_units(amount, campaign.currency)

    def keywords(words: tuple[Keyword, ...]) -> list[dict[str, Any]]:
        return [{"text": word.text, "match": word.match, "bid": told(word.bid)} for word in words]

    return CampaignDraft.model_validate(
        {
            "id": campaign.id,
            "advertiser": campaign.advertiser,
            "name": campaign.name,
            "products": list(campaign.products),
            "currency": campaign.currency,
            "bid": told(campaign.bid),
            "daily_budget": told(campaign.daily_budget),
            "total_budget": told(campaign.total_budget),
            "keywords": keywords(campaign.keywords),
            "negatives": keywords(campaign.negatives),
            "topics": list(campaign.topics),
            "similarity": campaign.similarity,
            "schedule": {
                "starts_at": campaign.schedule.starts_at,
                "ends_at": campaign.schedule.ends_at,
                "weekdays": sorted(campaign.schedule.weekdays),
                "hours": sorted(campaign.schedule.hours),
            },
            "cap": campaign.cap and {"impressions": campaign.cap.impressions, "hours": campaign.cap.hours},
            "time_zone": campaign.time_zone,
        }
    )


def _keyword(draft: KeywordDraft, money: Callable[[str], int]) -> Keyword:
    return Keyword(draft.text, draft.match, None if draft.bid is None else money(draft.bid))


def _in_utc(moment: datetime | None) -> datetime | None:
    """A moment without a zone is taken for UTC."""
    return None if moment is None else (moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _require_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone") from None
