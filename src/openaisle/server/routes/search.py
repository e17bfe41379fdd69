"""/v1/search: a query to ranked products."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from openaisle.search.request import Mode
from openaisle.server.access import MaySearch
from openaisle.server.answers import answer
from openaisle.server.schemas.problem import problems
from openaisle.server.schemas.search import AnswerDocument, SearchBody
from openaisle.server.service import Service, TheService
from openaisle.server.strict_route import StrictRoute

router = APIRouter(prefix="/v1/search", tags=["search"], route_class=StrictRoute)

_RESPONSES: dict[int | str, dict[str, Any]] = {200: {"model": AnswerDocument}, **problems(400, 413, 422)}


@router.post("", summary="Search", response_model=None, responses=_RESPONSES, dependencies=[MaySearch])
def search(request: Request, service: TheService, body: SearchBody) -> Response:
    """Hybrid search, with filter, facets, sort and paging."""
    return _answered(request, service, body)


@router.get("", summary="Search by address", response_model=None, responses=_RESPONSES, dependencies=[MaySearch])
def search_by_address(
    request: Request,
    service: TheService,
    *,
    q: Annotated[str, Query(description="The query; empty browses.", examples=["blue mug"])] = "",
    limit: Annotated[int, Query(ge=0, le=1000)] = 10,
    offset: Annotated[int, Query(ge=0)] = 0,
    filter: Annotated[str | None, Query()] = None,
    facet: Annotated[list[str] | None, Query(description="Repeatable.")] = None,
    disjunctive: Annotated[list[str] | None, Query(description="Repeatable.")] = None,
    sort: Annotated[str | None, Query()] = None,
    mode: Mode = Mode.HYBRID,
    shopper: Annotated[str | None, Query(max_length=256)] = None,
    explain: bool = False,
    group: bool = True,
    ads: bool = True,
) -> Response:
    """The same as a link; queries in addresses end up in the logs of proxies, so prefer POST."""
    body = SearchBody(
        query=q,
        limit=limit,
        offset=offset,
        filter=filter,
        facets=facet or [],
        disjunctive=disjunctive or [],
        sort=sort,
        mode=mode,
        shopper=shopper,
        explain=explain,
        group=group,
        ads=ads,
    )
    return _answered(request, service, body)


def _answered(request: Request, service: Service, body: SearchBody) -> Response:
    found = service.shop.search(body.request())
    service.metrics.count_search(found.timings, found.total)
    request.state.log = {"query_id": found.query_id, "total": found.total}
    return answer(found.as_dict())
