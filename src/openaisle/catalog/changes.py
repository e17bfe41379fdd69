"""What the catalogue's writers answer and what its change feed tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openaisle.catalog.product import Product


@dataclass(frozen=True, slots=True)
class Upserted:
    """How many products were written, and how many were already there just so."""

    accepted: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Patch:
    """A partial update of one product: its JSON fields as an RFC 7396 merge patch (`None` removes a field)."""

    id: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Patched:
    """What became of a set of patches; `unknown` are ids that no product has, `invalid` says why by id."""

    accepted: int
    unchanged: int
    unknown: tuple[str, ...] = ()
    invalid: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """The latest state of a product that changed after the asked-for number.

    `content_changed` says that more than offer fields (price, stock, rating, ranking …) changed, so that its text must
    be analysed and encoded anew. A deleted product has no `product`.
    """

    seq: int
    id: str
    deleted: bool
    content_changed: bool
    product: Product | None
