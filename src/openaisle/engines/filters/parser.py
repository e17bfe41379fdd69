"""The filter language's grammar, which is Meilisearch's, by recursive descent. NOT binds before AND, AND before OR.

disjunction = conjunction { OR conjunction }
conjunction = negation { AND negation }
negation    = NOT negation | "(" disjunction ")" | condition
condition   = field ( operator value | value TO value | [NOT] IN "[" values "]"
                    | [NOT] EXISTS | IS [NOT] EMPTY | IS [NOT] NULL )
"""

from __future__ import annotations

from collections.abc import Callable

from openaisle.engines.filters.complaint import syntax_error
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
)
from openaisle.engines.filters.literals import moment, number, scalar
from openaisle.engines.filters.tokens import Kind, Token, tokens
from openaisle.errors import FilterSyntaxError, LimitExceeded

MAX_LENGTH = 4096
MAX_DEPTH = 32
MAX_CONDITIONS = 256
MAX_VALUES = 1000

_AFTER_FIELD = "=, !=, <, <=, >, >=, IN, TO, EXISTS or IS"


def parse(text: str) -> Expression:
    """The expression a filter states.

    Raises `FilterSyntaxError`, which shows the position, and `LimitExceeded` beyond 4,096 characters, 32 levels of
    nesting, 256 conditions, or 1,000 values in one IN.
    """
    if len(text) > MAX_LENGTH:
        raise _too_many(f"The filter has {len(text):,} characters", MAX_LENGTH)
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tuple(tokens(text))
        self._next = 0
        self._depth = 0
        self._conditions = 0

    def whole(self) -> Expression:
        expression = self._disjunction()
        if self._peek.kind is not Kind.END:
            raise self._expected("AND, OR or the end")
        return expression

    def _disjunction(self) -> Expression:
        parts = self._joined("OR", self._conjunction)
        return Or(parts) if len(parts) > 1 else parts[0]

    def _conjunction(self) -> Expression:
        parts = self._joined("AND", self._negation)
        return And(parts) if len(parts) > 1 else parts[0]

    def _joined(self, keyword: str, operand: Callable[[], Expression]) -> tuple[Expression, ...]:
        parts = [operand()]
        while self._took_keyword(keyword):
            parts.append(operand())
        return tuple(parts)

    def _negation(self) -> Expression:
        if self._took_keyword("NOT"):
            return Not(self._nested(self._negation))
        if self._took_mark("("):
            inside = self._nested(self._disjunction)
            self._expect_mark(")", "AND, OR or )")
            return inside
        return self._condition()

    def _nested(self, inside: Callable[[], Expression]) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _too_many(f"The filter is nested {self._depth} levels deep", MAX_DEPTH)
        expression = inside()
        self._depth -= 1
        return expression

    def _condition(self) -> Expression:
        self._conditions += 1
        if self._conditions > MAX_CONDITIONS:
            raise _too_many(f"The filter has {self._conditions} conditions", MAX_CONDITIONS)
        field = self._field()
        if self._peek.kind is Kind.OPERATOR:
            return self._comparison(field)
        if self._took_keyword("IS"):
            return self._state(field)
        if self._took_keyword("NOT"):
            return Not(self._membership_or_existence(field, "IN or EXISTS"))
        if self._peek.keyword in ("IN", "EXISTS"):
            return self._membership_or_existence(field, _AFTER_FIELD)
        return self._between(field)

    def _field(self) -> str:
        token = self._peek
        if token.kind not in (Kind.WORD, Kind.QUOTED) or token.keyword or not token.text:
            raise self._expected("the name of a field, NOT or (")
        return self._take().text

    def _comparison(self, field: str) -> Comparison:
        operator = Operator(self._take().text)
        value = self._ordinal() if operator.orders else self._value("a value")
        return Comparison(field, operator, value)

    def _state(self, field: str) -> Expression:
        negated = self._took_keyword("NOT")
        if self._took_keyword("EMPTY"):
            return Not(Empty(field)) if negated else Empty(field)
        if self._took_keyword("NULL"):
            return Exists(field) if negated else Not(Exists(field))
        raise self._expected("EMPTY or NULL" if negated else "EMPTY, NULL or NOT")

    def _membership_or_existence(self, field: str, expected: str) -> Condition:
        if self._took_keyword("EXISTS"):
            return Exists(field)
        if self._took_keyword("IN"):
            return Membership(field, self._values())
        raise self._expected(expected)

    def _values(self) -> tuple[Scalar, ...]:
        self._expect_mark("[", "[")
        values: list[Scalar] = []
        while not self._took_mark("]"):
            values.append(self._value("a value or ]"))
            if len(values) > MAX_VALUES:
                raise _too_many(f"IN lists more than {MAX_VALUES:,} values", MAX_VALUES)
            if not self._took_mark(","):
                self._expect_mark("]", ", or ]")
                break
        return tuple(values)

    def _between(self, field: str) -> Between:
        if self._peek.kind not in (Kind.WORD, Kind.QUOTED) or self._peek.keyword or self._following.keyword != "TO":
            raise self._expected(_AFTER_FIELD)
        low = self._ordinal()
        self._take()
        return Between(field, low, self._ordinal())

    def _value(self, expected: str) -> Scalar:
        token = self._peek
        if token.kind is Kind.QUOTED:
            return self._take().text
        if token.kind is not Kind.WORD or token.keyword:
            raise self._expected(expected)
        return scalar(self._take().text)

    def _ordinal(self) -> float:
        token = self._peek
        value = number(token.text) if token.kind is Kind.WORD else None
        if value is None and token.kind in (Kind.WORD, Kind.QUOTED):
            value = moment(token.text)
        if value is None:
            raise self._expected("a number or a date (2026-01-31)")
        self._take()
        return value

    @property
    def _peek(self) -> Token:
        return self._tokens[self._next]

    @property
    def _following(self) -> Token:
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._peek
        self._next += 1
        return token

    def _took_keyword(self, keyword: str) -> bool:
        found = self._peek.keyword == keyword
        self._next += found
        return found

    def _took_mark(self, mark: str) -> bool:
        found = self._peek.kind is Kind.MARK and self._peek.text == mark
        self._next += found
        return found

    def _expect_mark(self, mark: str, expected: str) -> None:
        if not self._took_mark(mark):
            raise self._expected(expected)

    def _expected(self, what: str) -> FilterSyntaxError:
        token = self._peek
        mend = ""
        if token.keyword:
            mend = f'To use {token.text} as a name or value, quote it: "{token.text}".'
        return syntax_error(self._text, token.position, f"Expected {what}, found {_named(token)}", mend)


def _named(token: Token) -> str:
    if token.kind is Kind.END:
        return "the end"
    return f'"{token.text}"' if len(token.text) <= 40 else f'"{token.text[:39]}…"'


def _too_many(what: str, limit: int) -> LimitExceeded:
    return LimitExceeded(f"{what}; the limit is {limit:,}.", "Shorten the filter or split the search in several.")
