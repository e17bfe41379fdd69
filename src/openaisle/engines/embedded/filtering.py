"""A filter expression as a mask over the rows of a segment."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.columns import BooleanColumn, Column, KeywordColumn, Mask, NumberColumn
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
    Operator,
    Or,
    Scalar,
    as_text,
)
from openaisle.engines.filters.literals import number

Numbers = NDArray[np.float64]

_COMPARE: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
}


def mask(expression: Expression, columns: Mapping[str, Column], rows: int) -> Mask:
    """Rows for which the expression holds."""
    match expression:
        case And(parts):
            return reduce(np.logical_and, (mask(part, columns, rows) for part in parts))
        case Or(parts):
            return reduce(np.logical_or, (mask(part, columns, rows) for part in parts))
        case Not(part):
            return ~mask(part, columns, rows)
    column = columns.get(expression.field)
    return np.full(rows, _holds_without(expression)) if column is None else _condition(expression, column)


def _holds_without(condition: Condition) -> bool:
    """Whether a condition holds for a row that has no value."""
    differs = isinstance(condition, Comparison) and condition.operator is Operator.NOT_EQUAL
    return differs or isinstance(condition, Empty)


def _condition(condition: Condition, column: Column) -> Mask:
    match condition:
        case Comparison(_, Operator.EQUAL, value):
            found = _equal(column, (value,))
        case Comparison(_, Operator.NOT_EQUAL, value):
            found = ~_equal(column, (value,))
        case Comparison(_, compared, value):
            found = _ordered(column, compared, value)
        case Membership(_, values):
            found = _equal(column, values)
        case Between(_, low, high):
            found = _where(column, lambda numbers: (numbers >= low) & (numbers <= high))
        case Exists():
            found = column.present()
        case Empty():
            found = _empty(column)
    return found


def _equal(column: Column, values: Sequence[Scalar]) -> Mask:
    match column:
        case NumberColumn(numbers):
            wanted = [sought for value in values if (sought := _number(value)) is not None]
            equal: Mask = numbers == wanted[0] if len(wanted) == 1 else np.isin(numbers, wanted)
            return equal
        case BooleanColumn(truths):
            return np.isin(truths, [truth for value in values if (truth := _truth(value)) is not None])
        case KeywordColumn(table):
            return column.with_any([code for value in values for code in table.codes(as_text(value))])


def _ordered(column: Column, compared: Operator, value: Scalar) -> Mask:
    sought = _number(value)
    if sought is None:
        return np.zeros(len(column.present()), bool)
    return _where(column, lambda numbers: _COMPARE[compared](numbers, sought))


def _where(column: Column, holds: Callable[[Numbers], Mask]) -> Mask:
    """Rows that hold a number, or a text that reads as one, for which it holds. NaN must fail it."""
    match column:
        case NumberColumn(numbers):
            return holds(numbers)
        case KeywordColumn(table):
            return column.with_codes(holds(table.numbers))
    return np.zeros(len(column.truths), bool)


def _empty(column: Column) -> Mask:
    if not isinstance(column, KeywordColumn):
        return ~column.present()
    speaking = np.ones(len(column.table), bool)
    speaking[column.table.codes("")] = False
    return ~column.with_codes(speaking)


def _number(value: Scalar) -> float | None:
    if isinstance(value, bool):
        return None
    return number(value) if isinstance(value, str) else value


def _truth(value: Scalar) -> int | None:
    if isinstance(value, bool):
        return int(value)
    return {"true": 1, "false": 0}.get(str(value).casefold())
