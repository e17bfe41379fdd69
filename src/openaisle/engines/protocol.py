"""What an engine is to the rest of the house: documents in, ranked candidates, totals and facets out.

Texts reach an engine already analysed and vectors already encoded, so that every engine finds by the same terms and the
same vectors. Scores an engine returns are raw (BM25, cosine); fusing them is the search room's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.filters.expression import Expression

Value = str | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One product as an engine sees it.

    `terms` holds the analysed terms per searchable field, in text order. `values` holds what can be filtered, counted
    and sorted by. `vector` is a unit vector or None (not found by meaning).
    """

    id: str
    group: str
    terms: Mapping[str, Sequence[str]]
    values: Mapping[str, Value]
    vector: NDArray[np.float32] | None = None


class Direction(StrEnum):
    ASC = "asc"
    DESC = "desc"


@dataclass(frozen=True, slots=True)
class Sort:
    field: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class RangeFacet:
    """Counts per half-open range `[bounds[i], bounds[i+1])` of a numeric field."""

    field: str
    bounds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ValueFacet:
    """Counts per value; `size` values at most, most frequent first. A disjunctive facet ignores the filter's own
    conditions on its field, so a shopper who picked "red" still sees how many are blue."""

    field: str
    size: int = 100
    disjunctive: bool = False


Facet = ValueFacet | RangeFacet


@dataclass(frozen=True, slots=True)
class TermGroup:
    """One information need of the query: alternatives with their weights (a word, its typo corrections, a prefix)."""

    alternatives: tuple[tuple[str, float], ...]
