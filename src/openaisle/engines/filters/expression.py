"""What a filter says, as a tree.

How every engine must read it:

- Text compares by its normalised form (case and width do not matter); a list matches when any of its items does.
- `!=` and `Not` are complements: a product without the field matches `colour != red`.
- Orderings are numeric. Dates are Unix seconds, UTC, in the tree and in the engine.
- A number compares with a text field by its shortest decimal form, see `as_text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

Scalar = str | float | bool


class Operator(StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LESS = "<"
    LESS_OR_EQUAL = "<="

    @property
    def orders(self) -> bool:
        """Whether it compares by size, and so takes numbers only."""
        return self not in (Operator.EQUAL, Operator.NOT_EQUAL)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`price < 50`; the value of an ordering is a float."""

    field: str
    operator: Operator
    value: Scalar


@dataclass(frozen=True, slots=True)
class Membership:
    """`category IN [Shoes, 鞋]`; no values at all match nothing."""

    field: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """`price 10 TO 20`, both ends included."""

    field: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Exists:
    """The product has the field."""

    field: str


@dataclass(frozen=True, slots=True)
class Empty:
    """The field is missing, an empty text or an empty list."""

    field: str


Condition = Comparison | Membership | Between | Exists | Empty


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more parts."""

    parts: tuple[Expression, ...]

    def __post_init__(self) -> None:
        if len(self.parts) < 2:
            raise ValueError("And needs two parts or more")


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more parts."""

    parts: tuple[Expression, ...]

    def __post_init__(self) -> None:
        if len(self.parts) < 2:
            raise ValueError("Or needs two parts or more")


Expression = And | Or | Not | Comparison | Membership | Between | Exists | Empty


def fields(expression: Expression) -> frozenset[str]:
    """The names of all fields that the expression reads."""
    if isinstance(expression, And | Or):
        return frozenset().union(*map(fields, expression.parts))
    if isinstance(expression, Not):
        return fields(expression.part)
    return frozenset({expression.field})


def ordered_fields(expression: Expression) -> frozenset[str]:
    """The names of the fields whose values it compares by size."""
    match expression:
        case And(parts) | Or(parts):
            return frozenset().union(*map(ordered_fields, parts))
        case Not(part):
            return ordered_fields(part)
        case Comparison(field, compared, _) if compared.orders:
            return frozenset({field})
        case Between(field):
            return frozenset({field})
    return frozenset()


def without(expression: Expression, field: str) -> Expression | None:
    """The expression less those of its top-level conjuncts that speak of `field` alone; None when nothing is left.

    This is the filter of a disjunctive facet. A conjunct that also reads other fields stays, because dropping it would
    let in products that the shopper excluded for another reason.
    """
    conjuncts = expression.parts if isinstance(expression, And) else (expression,)
    return conjunction(part for part in _flat(conjuncts) if fields(part) != {field})


def renamed(expression: Expression, names: Mapping[str, str]) -> Expression:
    """The expression with other names for its fields."""
    if isinstance(expression, And | Or):
        return replace(expression, parts=tuple(renamed(part, names) for part in expression.parts))
    if isinstance(expression, Not):
        return Not(renamed(expression.part, names))
    return replace(expression, field=names[expression.field])


def conjunction(parts: Iterable[Expression]) -> Expression | None:
    """All of the parts as one expression: None of none, the part itself of one."""
    kept = tuple(parts)
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else And(kept)


def as_text(value: Scalar) -> str:
    """How a value reads when it meets a text field: `50` for 50.0, `true` for True."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _flat(parts: Iterable[Expression]) -> Iterator[Expression]:
    for part in parts:
        if isinstance(part, And):
            yield from _flat(part.parts)
        else:
            yield part
