from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.engines.filters.expression import (
    And,
    Between,
    Comparison,
    Empty,
    Exists,
    Expression,
    Membership,
    Not,
    Operator,
    Or,
)
from openaisle.engines.filters.parser import parse
from openaisle.engines.filters.unparse import unparse
from openaisle.errors import FilterSyntaxError, LimitExceeded

FIELDS = st.one_of(
    st.sampled_from(["price", "attributes.colour", "颜色", "not", "IN", "a b", '"', "\\", "12"]),
    st.text(min_size=1, max_size=8),
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.one_of(st.text(max_size=12), st.sampled_from(["true", "42", "\\'", '12"', "AND", "2026-01-01"]))
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans())
CONDITIONS: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Comparison, FIELDS, st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL]), SCALARS),
    st.builds(Comparison, FIELDS, st.sampled_from([o for o in Operator if o.orders]), NUMBERS),
    st.builds(Membership, FIELDS, st.lists(SCALARS, max_size=4).map(tuple)),
    st.builds(Between, FIELDS, NUMBERS, NUMBERS),
    st.builds(Exists, FIELDS),
    st.builds(Empty, FIELDS),
)


def combined(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, parts), st.builds(And, several), st.builds(Or, several))


EXPRESSIONS = st.recursive(CONDITIONS, combined, max_leaves=10)


@given(EXPRESSIONS)
def test_what_is_written_reads_back_the_same(expression: Expression) -> None:
    text = unparse(expression)
    assert repr(parse(text)).replace("-0.0", "0.0") == repr(expression).replace("-0.0", "0.0")
    assert unparse(parse(text)) == text


@given(st.text(alphabet="ab1 ()[],=<>!\"'\\.-红", max_size=30) | st.text(max_size=30))
def test_any_text_parses_or_is_refused_clearly(text: str) -> None:
    try:
        expression = parse(text)
    except (FilterSyntaxError, LimitExceeded) as error:
        complaint = error.as_dict()
    else:
        assert parse(unparse(expression)) == expression
        return
    assert complaint["detail"]
    assert complaint["mend"]


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "b",
                "1",
                "'x'",
                "=",
                "<",
                "!=",
                "AND",
                "OR",
                "NOT",
                "IN",
                "TO",
                "IS",
                "EMPTY",
                "NULL",
                "EXISTS",
                "(",
                ")",
                "[",
                "]",
                ",",
            ]
        ),
        max_size=14,
    ).map(" ".join)
)
def test_any_row_of_tokens_parses_or_is_refused_clearly(text: str) -> None:
    try:
        expression = parse(text)
    except FilterSyntaxError:
        return
    assert parse(unparse(expression)) == expression


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("price<50", "price < 50"),
        ("a IN ['x', 2, true]", 'a IN ["x", 2, true]'),
        ("NOT (a = 1 OR b EXISTS)", "NOT (a = 1 OR b EXISTS)"),
        ("'not' IS NULL", 'NOT "not" EXISTS'),
        ("price 1.50 TO 2", "price 1.5 TO 2"),
    ],
)
def test_writes_plainly(text: str, written: str) -> None:
    assert unparse(parse(text)) == written


def test_a_boolean_and_one_are_told_apart() -> None:
    assert unparse(parse("a = true")) != unparse(parse("a = 1"))
