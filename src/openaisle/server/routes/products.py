"""/v1/products: write, change, delete and read products. A write is stored and can be found when it is answered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from openaisle.catalog.changes import Patch
from openaisle.catalog.limits import ID_LENGTH
from openaisle.catalog.problems import Problem
from openaisle.catalog.serialization import to_json
from openaisle.catalog.validation import checked_product
from openaisle.errors import BadRequest, InvalidProduct, ProductNotFound
from openaisle.server.access import MayWrite, allowed
from openaisle.server.answers import answer
from openaisle.server.records import (
    JSON,
    LINES,
    MERGE_PATCH,
    Fields,
    Record,
    Records,
    Rejected,
    not_an_object,
    split,
    written,
)
from openaisle.server.schemas.problem import problems
from openaisle.server.schemas.product import EXAMPLE, Deleted, IdList, ProductDocument, Written
from openaisle.server.service import TheService
from openaisle.server.strict_route import StrictRoute

router = APIRouter(prefix="/v1/products", tags=["products"], route_class=StrictRoute)

Id = Annotated[str, Path(min_length=1, max_length=ID_LENGTH, description="The product's id.", examples=["MUG-01"])]

_PRODUCT = {"$ref": "#/components/schemas/Product"}
_CHANGES = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string", "minLength": 1, "maxLength": ID_LENGTH}},
    "description": "Fields of a product by RFC 7396: null removes a field.",
}
_OFFER = {"id": "MUG-01", "price": 9.9, "stock": 12}


def _many(item: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {
        JSON: {"schema": {"type": "array", "items": item}, "examples": {"one": {"value": [example]}}},
        LINES[0]: {"schema": {"type": "string", "description": "One JSON object a line."}},
    }
    return {"requestBody": {"required": True, "content": content}}


def _one(item: dict[str, Any], kind: str, example: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestBody": {"required": True, "content": {kind: {"schema": item, "examples": {"one": {"value": example}}}}}
    }


@router.post(
    "",
    summary="Insert or replace products",
    response_model=None,
    responses={200: {"model": Written}, **problems(400, 409, 413, 415)},
    openapi_extra=_many(_PRODUCT, EXAMPLE),
    dependencies=[MayWrite],
)
def upsert(service: TheService, records: Records) -> Response:
    """Bad products are told in `rejects` and never stop good ones. Of two with one id the later wins."""
    products, rejected = split(records)
    done = service.shop.upsert(products)
    return answer(written(done.accepted, done.unchanged, rejected))


@router.patch(
    "",
    summary="Change some fields of products",
    response_model=None,
    responses={200: {"model": Written}, **problems(400, 409, 413, 415)},
    openapi_extra=_many(_CHANGES, _OFFER),
    dependencies=[MayWrite],
)
def patch(service: TheService, records: Records) -> Response:
    """For price and stock: nothing is encoded anew unless text changes."""
    rejected = [_unfit(record) for record in records if record.fields is None or not record.id]
    fit = [record for record in records if record.fields is not None and record.id]
    done = service.shop.patch([Patch(str(record.id), record.fields or {}) for record in fit])
    reasons = dict.fromkeys(done.unknown, "no product has this id") | dict(done.invalid)
    mend = "Correct the field or the id, or insert the product first."
    rejected += [
        Rejected(record.row, record.id, (Problem("", reasons[record.id], mend),))
        for record in fit
        if record.id in reasons
    ]
    return answer(written(done.accepted, done.unchanged, rejected))


@router.post(
    "/delete",
    summary="Delete products",
    response_model=None,
    responses={200: {"model": Deleted}, **problems(400, 409, 413, 422)},
    dependencies=[MayWrite],
)
def delete_many(service: TheService, body: IdList) -> Response:
    """Ids that no product has are passed over."""
    return answer({"deleted": service.shop.delete(body.ids)})


@router.get(
    "/{id:path}",
    summary="One product",
    response_model=None,
    responses={200: {"model": ProductDocument}, **problems(404, 422)},
    dependencies=[Depends(allowed("search", "write"))],
)
def get(service: TheService, id: Id) -> Response:
    return answer(to_json(service.shop.catalog.get(id)))


@router.put(
    "/{id:path}",
    summary="Insert or replace one product",
    response_model=None,
    responses={200: {"model": Written}, **problems(400, 404, 409, 413, 415, 422)},
    openapi_extra=_one(_PRODUCT, JSON, EXAMPLE),
    dependencies=[MayWrite],
)
def put(service: TheService, id: Id, fields: Fields) -> Response:
    """The id in the body may be left out; another one than the address has is an error."""
    done = service.shop.upsert([checked_product({**fields, "id": _agreed(id, fields)})])
    return answer(written(done.accepted, done.unchanged, ()))


@router.patch(
    "/{id:path}",
    summary="Change some fields of one product",
    response_model=None,
    responses={200: {"model": Written}, **problems(400, 404, 409, 413, 415, 422)},
    openapi_extra=_one({"type": "object"}, MERGE_PATCH, {"price": 9.9, "stock": 12}),
    dependencies=[MayWrite],
)
def patch_one(service: TheService, id: Id, fields: Fields) -> Response:
    """By RFC 7396: null removes a field."""
    done = service.shop.patch([Patch(_agreed(id, fields), fields)])
    if done.unknown:
        raise ProductNotFound(f"No product has the id {id[:80]!r}.", "Check the id, or insert the product first.")
    if done.invalid:
        raise InvalidProduct(
            f"The product would not be valid ({'; '.join(done.invalid.values())}).", "Correct the fields."
        )
    return answer(written(done.accepted, done.unchanged, ()))


@router.delete(
    "/{id:path}",
    summary="Delete one product",
    status_code=204,
    response_class=Response,
    responses=problems(404, 409, 422),
    dependencies=[MayWrite],
)
def delete(service: TheService, id: Id) -> Response:
    if not service.shop.delete([id]):
        raise ProductNotFound(f"No product has the id {id[:80]!r}.", "Check the id.")
    return Response(status_code=204)


def _agreed(id_: str, fields: dict[str, Any]) -> str:
    if fields.get("id") not in (None, id_):
        raise BadRequest("The body has another id than the address.", "Leave the id out of the body.")
    return id_


def _unfit(record: Record) -> Rejected:
    if record.fields is None:
        return not_an_object(record)
    problem = Problem("id", "the id is missing", "Say which product to change.")
    return Rejected(record.row, None, (problem,))
