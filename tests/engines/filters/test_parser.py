from __future__ import annotations

import pytest

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
from openaisle.errors import FilterSyntaxError, LimitExceeded


def equal(field: str, value: str | float | bool) -> Comparison:
    return Comparison(field, Operator.EQUAL, value)


A, B, C = equal("a", 1.0), equal("b", 2.0), equal("c", 3.0)

READINGS: list[tuple[str, Expression]] = [
    ("price < 50", Comparison("price", Operator.LESS, 50.0)),
    ("price<=50.5", Comparison("price", Operator.LESS_OR_EQUAL, 50.5)),
    ("price > -1e3", Comparison("price", Operator.GREATER, -1000.0)),
    ("price >= .5", Comparison("price", Operator.GREATER_OR_EQUAL, 0.5)),
    ("brand != Nike", Comparison("brand", Operator.NOT_EQUAL, "Nike")),
    ("brand = 'New Balance'", equal("brand", "New Balance")),
    ('brand = "say \\"hi\\" \\\\ \'x\'"', equal("brand", "say \"hi\" \\ 'x'")),
    ('size = "12\\""', equal("size", '12"')),
    ("brand = Levi's", equal("brand", "Levi's")),
    ("brand = Yahoo!", equal("brand", "Yahoo!")),
    ("颜色 = 红色", equal("颜色", "红色")),
    ("attributes.colour = dark-blue", equal("attributes.colour", "dark-blue")),
    ("'full name' = x", equal("full name", "x")),
    ("gift = true", equal("gift", True)),
    ("gift = FALSE", equal("gift", False)),
    ("gift = 'true'", equal("gift", "true")),
    ("code = '42'", equal("code", "42")),
    ("code = 42", equal("code", 42.0)),
    ("code = 007", equal("code", "007")),
    ("gtin = 4006381333931", equal("gtin", 4006381333931.0)),
    ("gtin = 1234567890123456789", equal("gtin", "1234567890123456789")),
    ("code = 1e999", equal("code", "1e999")),
    ("code = nan", equal("code", "nan")),
    ("price 10 TO 20", Between("price", 10.0, 20.0)),
    ("created_at 1970-01-02 to '1970-01-02T00:00:10Z'", Between("created_at", 86400.0, 86410.0)),
    ("created_at > 1970-01-01T08:00:00+08:00", Comparison("created_at", Operator.GREATER, 0.0)),
    ("day = 2026-01-31", equal("day", "2026-01-31")),
    ("category IN [Shoes, 鞋]", Membership("category", ("Shoes", "鞋"))),
    ("category in ['a, b', 3, true,]", Membership("category", ("a, b", 3.0, True))),
    ("category IN []", Membership("category", ())),
    ("category NOT IN [a]", Not(Membership("category", ("a",)))),
    ("rating EXISTS", Exists("rating")),
    ("rating not exists", Not(Exists("rating"))),
    ("tags IS EMPTY", Empty("tags")),
    ("tags is not empty", Not(Empty("tags"))),
    ("tags IS NULL", Not(Exists("tags"))),
    ("tags IS NOT NULL", Exists("tags")),
    ("'in' = 'NOT'", equal("in", "NOT")),
    ("a=1 OR b=2 AND c=3", Or((A, And((B, C))))),
    ("(a=1 OR b=2) AND c=3", And((Or((A, B)), C))),
    ("NOT a=1 AND b=2", And((Not(A), B))),
    ("NOT (a=1 AND b=2)", Not(And((A, B)))),
    ("NOT NOT a=1", Not(Not(A))),
    ("((a=1))", A),
    ("a=1\n\tAND\u3000b=2 and c=3", And((A, B, C))),
    ("a=1 AND (b=2 AND c=3)", And((A, And((B, C))))),
    (
        'price < 50 AND (brand = "Nike" OR NOT category IN [Shoes, 鞋])',
        And(
            (
                Comparison("price", Operator.LESS, 50.0),
                Or((equal("brand", "Nike"), Not(Membership("category", ("Shoes", "鞋"))))),
            )
        ),
    ),
]


@pytest.mark.parametrize(("text", "expression"), READINGS)
def test_reads(text: str, expression: Expression) -> None:
    assert repr(parse(text)) == repr(expression)


@pytest.mark.parametrize(
    ("text", "character", "expected"),
    [
        ("", 1, "the name of a field"),
        ("   ", 4, "the name of a field"),
        ("price", 6, "EXISTS or IS"),
        ("price <", 8, "a number or a date"),
        ("price < cheap", 9, "a number or a date"),
        ("price < '5'", 9, "a number or a date"),
        ("price < true", 9, "a number or a date"),
        ("d > 2026-13-01", 5, "a number or a date"),
        ("price < AND brand = x", 9, "a number or a date"),
        ("price == 3", 8, "a value"),
        ("price 10 20", 7, "EXISTS or IS"),
        ("price 10 TO", 12, "a number or a date"),
        ("price cheap TO 5", 7, "a number or a date"),
        ("brand = ", 9, "a value"),
        ("brand = in", 9, "a value"),
        ("brand Nike", 7, "EXISTS or IS"),
        ("brand NOT = x", 11, "IN or EXISTS"),
        ("brand IS red", 10, "EMPTY, NULL or NOT"),
        ("brand IS NOT IN", 14, "EMPTY or NULL"),
        ("brand IN x", 10, "["),
        ("brand IN [a b]", 13, ", or ]"),
        ("brand IN [a,,b]", 13, "a value or ]"),
        ("brand IN [a", 12, ", or ]"),
        ("(a = 1", 7, "AND, OR or )"),
        ("a = 1)", 6, "AND, OR or the end"),
        ("a = 1 b = 2", 7, "AND, OR or the end"),
        ("a = 1 AND", 10, "the name of a field"),
        ("OR a = 1", 1, "the name of a field"),
        ("'' = 1", 1, "the name of a field"),
        ("= 1", 1, "the name of a field"),
    ],
)
def test_refuses_and_says_where(text: str, character: int, expected: str) -> None:
    with pytest.raises(FilterSyntaxError) as caught:
        parse(text)
    sentence = caught.value.detail.splitlines()[0]
    assert sentence.endswith(f"at character {character} of the filter.")
    assert f"Expected {expected}" in sentence or expected in sentence
    assert caught.value.mend


@pytest.mark.parametrize("text", ["brand = 'Nike", 'brand = "Nike', "brand = Nike'", 'size = 12"'])
def test_names_the_quote_that_is_not_closed(text: str) -> None:
    with pytest.raises(FilterSyntaxError, match="is not closed"):
        parse(text)


def test_caret_stands_under_the_position_also_after_wide_characters() -> None:
    with pytest.raises(FilterSyntaxError) as caught:
        parse("颜色 = 红 brand")
    _, shown, caret = caught.value.detail.splitlines()
    assert shown == "  颜色 = 红 brand"
    assert caret == "  " + " " * len("xxxx = xx ") + "^"


def test_long_filters_are_clipped_around_the_position() -> None:
    with pytest.raises(FilterSyntaxError) as caught:
        parse(f"brand = '{'x' * 500}' {'y' * 500}")
    assert all(len(line) < 140 for line in caught.value.detail.splitlines())


def test_suggests_quotes_for_a_keyword_used_as_a_value() -> None:
    with pytest.raises(FilterSyntaxError) as caught:
        parse("state = IN")
    assert caught.value.mend == 'To use IN as a name or value, quote it: "IN".'


def test_limits_hold_exactly() -> None:
    parse("(" * 32 + "a=1" + ")" * 32)
    parse(" OR ".join(["a=1"] * 256))
    parse(f"a IN [{','.join(['1'] * 1000)}]")
    parse("a=1".ljust(4096))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 33 + "a=1" + ")" * 33,
        "NOT " * 33 + "a=1",
        " OR ".join(["a=1"] * 257),
        f"a IN [{','.join(['1'] * 1001)}]",
        "a=1".ljust(4097),
        "(" * 4096,
    ],
)
def test_beyond_the_limits_is_refused(text: str) -> None:
    with pytest.raises(LimitExceeded):
        parse(text)
