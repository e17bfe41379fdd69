"""Records in a body: a JSON array, or one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request

from openaisle.catalog.problems import Problem
from openaisle.catalog.product import Product
from openaisle.catalog.validation import check
from openaisle.errors import BodyNotReadable, UnsupportedMediaType

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines")
_MAX_REJECTS = 1000


@dataclass(frozen=True, slots=True)
class Record:
    """One product as it came: `fields` is None when its line is not a JSON object."""

    row: int
    fields: Mapping[str, Any] | None

    @property
    def id(self) -> str | None:
        stated = (self.fields or {}).get("id")
        return str(stated)[:256] if isinstance(stated, str | int) else None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was not taken, and why."""

    row: int
    id: str | None
    problems: tuple[Problem, ...]


def media_type(request: Request) -> str:
    """The body's type without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _records(request: Request) -> Sequence[Record]:
    kind = media_type(request)
    if kind in LINES:
        return lines_of(await request.body())
    if kind != JSON:
        raise UnsupportedMediaType(
            f"The body is of type {kind[:80] or 'none'}.", f"Send Content-Type: {JSON} (an array) or {LINES[0]}."
        )
    items = parsed(await request.body())
    if not isinstance(items, list):
        raise BodyNotReadable("The body is not a JSON array.", "Send an array of products, even for one.")
    return [Record(row, item if isinstance(item, dict) else None) for row, item in enumerate(items)]


async def _fields(request: Request) -> dict[str, Any]:
    kind = media_type(request)
    if kind not in (JSON, MERGE_PATCH):
        raise UnsupportedMediaType(f"The body is of type {kind[:80] or 'none'}.", f"Send Content-Type: {JSON}.")
    fields = parsed(await request.body())
    if not isinstance(fields, dict):
        raise BodyNotReadable("The body is not a JSON object.", "Send the fields of one product.")
    return fields


Records = Annotated[Sequence[Record], Depends(_records)]
"""The products of a bulk request. Raises `BodyNotReadable` or `UnsupportedMediaType`."""

Fields = Annotated[dict[str, Any], Depends(_fields)]
"""The fields of one product."""


def split(records: Iterable[Record]) -> tuple[list[Product], list[Rejected]]:
    """The valid products, and what is wrong with the others."""
    products: list[Product] = []
    rejected: list[Rejected] = []
    for record in records:
        if record.fields is None:
            rejected.append(not_an_object(record))
            continue
        checked = check(record.fields)
        if checked.product is None:
            rejected.append(Rejected(record.row, record.id, checked.problems))
        else:
            products.append(checked.product)
    return products, rejected


def not_an_object(record: Record) -> Rejected:
    problem = Problem("", "it is not a JSON object", "Write each product as one JSON object.")
    return Rejected(record.row, record.id, (problem,))


def written(accepted: int, unchanged: int, rejected: Sequence[Rejected]) -> dict[str, Any]:
    """The answer to a bulk write (`schemas.product.Written`)."""
    told = [
        {"row": each.row, "id": each.id, "field": problem.field, "reason": problem.reason, "mend": problem.mend}
        for each in rejected[:_MAX_REJECTS]
        for problem in each.problems
    ]
    return {
        "accepted": accepted,
        "unchanged": unchanged,
        "rejected": len(rejected),
        "rejects": told[:_MAX_REJECTS],
    }


def lines_of(body: bytes) -> list[Record]:
    """The records of a body with one JSON object a line."""
    records: list[Record] = []
    for row, line in enumerate(line for line in body.split(b"\n") if line.strip()):
        try:
            item = orjson.loads(line)
        except orjson.JSONDecodeError:
            item = None
        records.append(Record(row, item if isinstance(item, dict) else None))
    return records


def parsed(body: bytes) -> Any:
    """The JSON of a body. Raises `BodyNotReadable`."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyNotReadable(f"The body is not valid JSON: {error}.", "Send JSON in UTF-8.") from None
