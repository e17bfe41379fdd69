"""/v1/shoppers: a shopper's profile, to be seen, switched off and erased."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from openaisle.events.limits import NAME_LENGTH
from openaisle.profiles.words import as_dict, sentences
from openaisle.server.access import MayWrite
from openaisle.server.answers import answer
from openaisle.server.schemas.problem import problems
from openaisle.server.schemas.shoppers import Erased, ShopperProfile, SwitchBody, Switched
from openaisle.server.service import TheService
from openaisle.server.strict_route import StrictRoute

router = APIRouter(prefix="/v1/shoppers", tags=["shoppers"], route_class=StrictRoute)

Id = Annotated[
    str,
    Path(min_length=1, max_length=NAME_LENGTH, description="The shopper, as in events.", examples=["customer-17"]),
]
_UNKEPT = {"Cache-Control": "no-store"}


@router.get(
    "/{id:path}",
    summary="A shopper's profile",
    response_model=None,
    responses={200: {"model": ShopperProfile}, **problems(404, 422)},
    dependencies=[MayWrite],
)
def show(service: TheService, id: Id) -> Response:
    """Of a shopper who is not known, there is nothing to tell."""
    shown = service.shop.profiles.show(id)
    words = list(sentences(shown.profile)) if shown.on else []
    return answer({"on": shown.on, **as_dict(shown.profile), "words": words}, headers=_UNKEPT)


@router.put(
    "/{id:path}",
    summary="Switch a shopper's profile off or on",
    response_model=None,
    responses={200: {"model": Switched}, **problems(400, 404, 413, 422)},
    dependencies=[MayWrite],
)
def switch(service: TheService, id: Id, body: SwitchBody) -> Response:
    """Off: from now on there is no profile, and searches and recommendations are not personalised."""
    profiles = service.shop.profiles
    (profiles.switch_on if body.on else profiles.switch_off)(id)
    return answer({"on": body.on})


@router.delete(
    "/{id:path}",
    summary="Erase a shopper's profile and events",
    response_model=None,
    responses={200: {"model": Erased}, **problems(404, 422)},
    dependencies=[MayWrite],
)
def erase(service: TheService, id: Id) -> Response:
    """For good; events from before that are sent again are not stored. Switched off stays switched off."""
    return answer({"erased": service.shop.erase(id)})
