"""An expression back to filter text."""

from __future__ import annotations

from openaisle.engines.filters.expression import (
    And,
    Between,
    Comparison,
    Condition,
    Empty,
    Exists,
    Expression,
    Membership,
    Not,
    Or,
    Scalar,
    as_text,
)
from openaisle.engines.filters.tokens import plain, quote


def unparse(expression: Expression) -> str:
    """Filter text that parses to an equal expression; it can key a cache, as it tells `true` from `1`."""
    match expression:
        case Or(parts):
            return " OR ".join(_within(part, Or) for part in parts)
        case And(parts):
            return " AND ".join(_within(part, Or, And) for part in parts)
        case Not(part):
            return f"NOT {_within(part, Or, And)}"
        case _:
            return _condition(expression)


def _within(part: Expression, *looser: type[Expression]) -> str:
    text = unparse(part)
    return f"({text})" if isinstance(part, looser) else text


def _condition(condition: Condition) -> str:
    field = condition.field if plain(condition.field) else quote(condition.field)
    match condition:
        case Comparison(_, operator, value):
            return f"{field} {operator} {_literal(value)}"
        case Membership(_, values):
            return f"{field} IN [{', '.join(map(_literal, values))}]"
        case Between(_, low, high):
            return f"{field} {_literal(low)} TO {_literal(high)}"
        case Exists():
            return f"{field} EXISTS"
        case Empty():
            return f"{field} IS EMPTY"


def _literal(value: Scalar) -> str:
    return quote(value) if isinstance(value, str) else as_text(value)
