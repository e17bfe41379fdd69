"""The parts of a request that are not its words, checked against limits and against what the shop's products have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import process

from openaisle.engines.filters.expression import Expression, fields, ordered_fields, renamed
from openaisle.engines.filters.parser import parse
from openaisle.engines.protocol import Direction, Facet, RangeFacet, Snapshot, Sort, ValueFacet
from openaisle.errors import BadRequest, LimitExceeded, UnknownField, WrongKind
from openaisle.search.request import SearchRequest
from openaisle.settings import SearchSettings

_ATTRIBUTES = "attributes."
RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True)
class Constraints:
    """Filter, facets and sort of a request, with all field names resolved. `facets` are by the name they were asked."""

    filter: Expression | None
    facets: Mapping[str, Facet]
    disjunctive: frozenset[str]
    sort: Sort | None


def read_constraints(request: SearchRequest, known: Mapping[str, str], settings: SearchSettings) -> Constraints:
    """Raises `FilterSyntaxError`, `UnknownField`, `LimitExceeded` or `BadRequest`. `known` are fields and kinds."""
    _check_limits(request, settings)
    expression = parse(request.filter) if request.filter and request.filter.strip() else None
    if expression is not None:
        expression = renamed(expression, {field: resolve(field, known) for field in sorted(fields(expression))})
    disjunctive = frozenset(resolve(field, known) for field in request.disjunctive)
    facets = {name: _facet(name, known, settings) for name in dict.fromkeys((*request.facets, *request.disjunctive))}
    return Constraints(expression, facets, disjunctive, _sort(request.sort, known))


def require_numbers(constraints: Constraints, snapshot: Snapshot) -> None:
    """Raises `WrongKind` where `<`, `TO` or a range facet is asked of a field in which no product has a number."""
    ranges = {facet.field for facet in constraints.facets.values() if isinstance(facet, RangeFacet)}
    ordered = ranges if constraints.filter is None else ranges | ordered_fields(constraints.filter)
    for field in sorted(ordered):
        kind = snapshot.fields.get(field, "number")
        if kind != "number" and not snapshot.has_numbers(field):
            holds = "true or false" if kind == "boolean" else "text"
            raise WrongKind(
                f"The field {field!r} holds {holds}; {'a range facet' if field in ranges else '<, > and TO'} "
                "can only be asked of numbers and dates.",
                "Count its values without bounds." if field in ranges else f"Compare it with = or IN: {field} = VALUE.",
            )


def resolve(field: str, known: Mapping[str, str]) -> str:
    """The engine's name of a field; attributes may be named with or without `attributes.`."""
    if field in known or not known:
        return field
    if field.startswith(_ATTRIBUTES) and field.removeprefix(_ATTRIBUTES) in known:
        return field.removeprefix(_ATTRIBUTES)
    near = process.extractOne(field, list(known), score_cutoff=70)
    hint = f"Did you mean {near[0]!r}?" if near else f"Fields are: {', '.join(sorted(known)[:20])}."
    raise UnknownField(f"No product has a field {field[:80]!r}.", hint)


def _check_limits(request: SearchRequest, settings: SearchSettings) -> None:
    if len(request.query) > settings.max_query_length:
        raise LimitExceeded(
            f"The query has {len(request.query):,} characters; {settings.max_query_length:,} are allowed.",
            "Shorten the query.",
        )
    if not 0 <= request.limit <= settings.max_page_size:
        raise LimitExceeded(
            f"{request.limit} hits were asked for; 0 to {settings.max_page_size:,} are allowed.", "Ask for fewer hits."
        )
    if not 0 <= request.offset <= settings.max_offset:
        raise LimitExceeded(
            f"The offset is {request.offset:,}; 0 to {settings.max_offset:,} is allowed.",
            "Begin with offset 0."
            if request.offset < 0
            else "Narrow the search with a filter instead of skipping so many hits.",
        )
    if len(request.facets) + len(request.disjunctive) > settings.max_facets:
        raise LimitExceeded(
            f"{len(request.facets) + len(request.disjunctive)} facets were asked for; {settings.max_facets} are "
            "allowed.",
            "Ask for fewer facets.",
        )


def _facet(name: str, known: Mapping[str, str], settings: SearchSettings) -> Facet:
    field, _, bounds = name.partition(":")
    if not bounds or name in known:
        return ValueFacet(resolve(name, known), settings.max_facet_values)
    try:
        numbers = tuple(map(_bound, range(bounds.count(",") + 1), bounds.split(",")))
    except ValueError as error:
        raise BadRequest(f"The facet {name[:80]!r} does not state numbers.", "Write it like price:0,50,100.") from error
    if len(numbers) < 2 or any(not low < high for low, high in pairwise(numbers)):
        raise BadRequest(f"The bounds of the facet {name[:80]!r} do not rise.", "Write it like price:0,50,100.")
    return RangeFacet(resolve(field, known), numbers)


def _bound(place: int, text: str) -> float:
    """An end that is left open reaches to infinity."""
    if text.strip() in {"", "*"}:
        return math.inf if place else -math.inf
    return float(text)


def _sort(text: str | None, known: Mapping[str, str]) -> Sort | None:
    if text is None or not text.strip() or text == RELEVANCE:
        return None
    field, _, direction = text.rpartition(":")
    if not field or direction not in {"asc", "desc"}:
        raise BadRequest(f"The sort {text[:80]!r} is not valid.", "Write it like price:asc or rating:desc.")
    return Sort(resolve(field, known), Direction(direction))
