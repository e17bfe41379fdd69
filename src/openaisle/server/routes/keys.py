"""/v1/keys: who may use this service."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from openaisle.errors import KeyNotFound
from openaisle.server.access import MayAdminister
from openaisle.server.answers import answer
from openaisle.server.schemas.problem import problems
from openaisle.server.service import TheService
from openaisle.server.strict_route import StrictRoute

router = APIRouter(prefix="/v1/keys", tags=["keys"], route_class=StrictRoute)

Scope = Literal["search", "write", "admin"]


class NewKeyBody(BaseModel):
    """A key to make."""

    model_config = ConfigDict(
        title="NewKey", extra="forbid", json_schema_extra={"examples": [{"name": "web shop", "scopes": ["search"]}]}
    )

    name: str = Field(min_length=1, max_length=200)
    scopes: list[Scope] = Field(min_length=1, max_length=3)


class KeyDocument(BaseModel):
    """A key without its secret."""

    model_config = ConfigDict(title="Key")

    id: str
    name: str
    prefix: str = Field(description="The part of the key that is not secret.")
    scopes: list[str]
    created_at: str
    revoked_at: str | None


class MadeKey(KeyDocument):
    """A key with its secret, shown this once."""

    model_config = ConfigDict(title="MadeKey")

    token: str = Field(description="Send it as `Authorization: Bearer …`.")


class KeyList(BaseModel):
    """Every key, revoked ones too."""

    keys: list[KeyDocument]


@router.post(
    "",
    summary="Make a key",
    status_code=201,
    response_model=None,
    responses={201: {"model": MadeKey}, **problems(400, 413, 422)},
    dependencies=[MayAdminister],
)
def create(service: TheService, body: NewKeyBody) -> Response:
    """Only its hash is kept. Once a key was made, every request needs one."""
    made = service.shop.keys.create(body.name, body.scopes)
    service.access.key_was_made()
    return answer({**made.key.as_dict(), "token": made.token}, 201, {"Cache-Control": "no-store"})


@router.get(
    "",
    summary="Keys",
    response_model=None,
    responses={200: {"model": KeyList}, **problems()},
    dependencies=[MayAdminister],
)
def show_all(service: TheService) -> Response:
    return answer({"keys": [key.as_dict() for key in service.shop.keys.list()]})


@router.delete(
    "/{id}",
    summary="Revoke a key",
    status_code=204,
    response_class=Response,
    responses=problems(404, 422),
    dependencies=[MayAdminister],
)
def revoke(service: TheService, id: Annotated[str, Path(max_length=64)]) -> Response:
    if not service.shop.keys.revoke(id):
        raise KeyNotFound(f"No key in use has the id {id!r}.", "See GET /v1/keys for those there are.")
    return Response(status_code=204)
