"""/v1/ads: campaigns, clicks on ads, and what they brought."""

from __future__ import annotations

import time
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from openaisle.ads.billing import Clicked
from openaisle.ads.campaign import Campaign, Status
from openaisle.ads.draft import CampaignDraft, draft_of
from openaisle.ads.money import major_units
from openaisle.ads.report import Span
from openaisle.server.access import MayAdminister, MayWrite
from openaisle.server.answers import answer
from openaisle.server.schemas.ads import (
    CampaignDocument,
    CampaignList,
    ChargeDocument,
    ClickBody,
    ReportDocument,
    StatusBody,
)
from openaisle.server.schemas.problem import problems
from openaisle.server.service import TheService
from openaisle.server.strict_route import StrictRoute

router = APIRouter(prefix="/v1/ads", tags=["ads"], route_class=StrictRoute)

Id = Annotated[str, Path(max_length=64)]
By = Literal["campaign", "keyword", "day"]


@router.post(
    "/campaigns",
    summary="Add a campaign",
    status_code=201,
    response_model=None,
    responses={201: {"model": CampaignDocument}, **problems(400, 409, 413, 422)},
    dependencies=[MayAdminister],
)
def add(service: TheService, body: CampaignDraft) -> Response:
    """It runs from now on, by its schedule. Its id stays taken even when it is removed."""
    campaign = body.campaign()
    service.shop.ads.add(campaign)
    return answer(_told(campaign), 201)


@router.get(
    "/campaigns",
    summary="Campaigns",
    response_model=None,
    responses={200: {"model": CampaignList}, **problems()},
    dependencies=[MayAdminister],
)
def show_all(service: TheService) -> Response:
    found = service.shop.ads.campaigns.all()
    spent = service.shop.ads.ledger.spent([campaign.id for campaign in found])
    return answer({"campaigns": [_told(campaign, spent[campaign.id].billed) for campaign in found]})


@router.get(
    "/campaigns/{id}",
    summary="A campaign",
    response_model=None,
    responses={200: {"model": CampaignDocument}, **problems(404, 422)},
    dependencies=[MayAdminister],
)
def show(service: TheService, id: Id) -> Response:
    campaign = service.shop.ads.campaigns.get(id)
    return answer(_told(campaign, service.shop.ads.ledger.spent([id])[id].billed))


@router.patch(
    "/campaigns/{id}",
    summary="Pause or resume a campaign",
    response_model=None,
    responses={200: {"model": CampaignDocument}, **problems(400, 404, 413, 422)},
    dependencies=[MayAdminister],
)
def change(service: TheService, id: Id, body: StatusBody) -> Response:
    """Within a second, no process shows a paused campaign."""
    campaign = service.shop.ads.campaigns.set_status(id, Status(body.status))
    return answer(_told(campaign, service.shop.ads.ledger.spent([id])[id].billed))


@router.delete(
    "/campaigns/{id}",
    summary="Remove a campaign",
    status_code=204,
    response_class=Response,
    responses=problems(404, 422),
    dependencies=[MayAdminister],
)
def remove(service: TheService, id: Id) -> Response:
    """It is never shown again; its bills are kept."""
    service.shop.ads.campaigns.set_status(id, Status.REMOVED)
    return Response(status_code=204)


@router.post(
    "/clicks",
    summary="Report a click on an ad",
    response_model=None,
    responses={200: {"model": ChargeDocument}, **problems(400, 413, 422)},
    dependencies=[MayWrite],
)
def click(service: TheService, body: ClickBody) -> Response:
    """Charged at once; the same id is charged once. A click that is reported with the shop's events needs no other."""
    shopper = service.shop.events.pseudonym(body.shopper) if body.shopper else ""
    now = time.time_ns() // 1_000_000
    clicked = Clicked(
        id=body.id,
        campaign_id=body.campaign,
        product_id=body.product_id,
        query_id=body.query_id,
        token=body.token,
        time=now if body.time is None else body.time,
        shopper=shopper,
        bot=body.bot,
    )
    entry = service.shop.ads.billing.click(clicked)
    return answer({"id": entry.click_id, "state": entry.state.value, "reason": entry.reason.value})


@router.get(
    "/report",
    summary="What ads brought",
    response_model=None,
    responses={200: {"model": ReportDocument}, **problems(422)},
    dependencies=[MayAdminister],
)
def report(
    service: TheService,
    *,
    by: Annotated[list[By] | None, Query(max_length=3, description="What has a line of its own; repeatable.")] = None,
    campaign: Annotated[list[str] | None, Query(max_length=100, description="Only these; repeatable.")] = None,
    since: Annotated[date | None, Query(description="First day, by each campaign's own clock.")] = None,
    until: Annotated[date | None, Query(description="Last day.")] = None,
) -> Response:
    span = Span(
        since.isoformat() if since else "", until.isoformat() if until else "9999-12-31", frozenset(campaign or ())
    )
    return answer(service.shop.ads.report(span, tuple(dict.fromkeys(by or ("campaign",)))).as_dict())


def _told(campaign: Campaign, spent: int = 0) -> dict[str, Any]:
    body = draft_of(campaign).model_dump(mode="json")
    return {**body, "status": campaign.status.value, "spent": major_units(spent, campaign.currency)}
