"""/v1/recommendations: products for a shopper, a page or a cart."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from openaisle.recommend.placements import Place
from openaisle.recommend.request import MOST, RecommendationRequest
from openaisle.server.access import MaySearch
from openaisle.server.answers import answer
from openaisle.server.schemas.problem import problems
from openaisle.server.schemas.recommendations import RecommendationsDocument
from openaisle.server.service import TheService
from openaisle.server.strict_route import StrictRoute

router = APIRouter(prefix="/v1/recommendations", tags=["recommendations"], route_class=StrictRoute)

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": RecommendationsDocument},
    **problems(400, 404, 409, 422),
}


@router.get("", summary="Recommend", response_model=None, responses=_RESPONSES, dependencies=[MaySearch])
def recommend(
    request: Request,
    service: TheService,
    *,
    shopper: Annotated[str, Query(max_length=256, description="For whom, as the shop knows them.")] = "",
    product: Annotated[str, Query(max_length=256, description="The product whose page is open.")] = "",
    cart: Annotated[list[str] | None, Query(max_length=100, description="Products in the cart; repeatable.")] = None,
    session: Annotated[
        list[str] | None,
        Query(max_length=100, description="Products opened in this visit, oldest first, if not sent as events."),
    ] = None,
    placement: Annotated[
        Place | None, Query(description="Without it: similar with a product, cart with a cart, else home.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 10,
) -> Response:
    """Products with the reason for each and the parts of its score."""
    asked = RecommendationRequest(shopper, product, tuple(cart or ()), tuple(session or ()), placement, limit)
    found = service.shop.recommendations.recommend(asked)
    request.state.log = {"placement": str(found.placement), "recommended": len(found.recommendations)}
    return answer(found.as_dict())
