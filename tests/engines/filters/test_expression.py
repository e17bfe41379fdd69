from __future__ import annotations

import pytest

from openaisle.engines.filters.expression import And, Exists, Or, as_text, conjunction, fields, renamed, without
from openaisle.engines.filters.parser import parse


def test_fields_are_those_of_all_conditions() -> None:
    expression = parse("a = 1 AND (b IN [x] OR NOT c EXISTS) AND d IS EMPTY AND e 1 TO 2")
    assert fields(expression) == {"a", "b", "c", "d", "e"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("colour = red", None),
        ("NOT colour = red", None),
        ("colour = red OR colour = blue", None),
        ("colour = red AND NOT colour = blue", None),
        ("price < 5", "price < 5"),
        ("colour = red AND price < 5", "price < 5"),
        ("colour = red AND price < 5 AND size = L", "price < 5 AND size = L"),
        ("(colour = red OR colour = blue) AND price < 5", "price < 5"),
        ("(colour = red AND price < 5) AND size = L", "price < 5 AND size = L"),
        ("colour = red OR price < 5", "colour = red OR price < 5"),
        ("NOT (colour = red AND price < 5)", "NOT (colour = red AND price < 5)"),
    ],
)
def test_without_drops_the_conjuncts_on_one_field_alone(text: str, left: str | None) -> None:
    assert without(parse(text), "colour") == (None if left is None else parse(left))


def test_conjunction_of_none_one_and_two() -> None:
    a, b = Exists("a"), Exists("b")
    assert conjunction([]) is None
    assert conjunction([a]) is a
    assert conjunction([a, b]) == And((a, b))


@pytest.mark.parametrize("kind", [And, Or])
def test_a_junction_of_one_part_is_refused(kind: type[And] | type[Or]) -> None:
    with pytest.raises(ValueError, match="two parts"):
        kind((Exists("a"),))


@pytest.mark.parametrize(
    ("value", "text"), [(50.0, "50"), (1.5, "1.5"), (-3.0, "-3"), (True, "true"), (False, "false"), ("x", "x")]
)
def test_numbers_read_as_their_shortest_decimal(value: str | float | bool, text: str) -> None:
    assert as_text(value) == text


def test_renamed_changes_every_field_and_nothing_else() -> None:
    expression = parse("(a = 1 OR NOT b IN [a]) AND c EXISTS AND a 1 TO 2 AND b IS EMPTY")
    names = {"a": "x", "b": "b", "c": "z"}
    assert renamed(expression, names) == parse("(x = 1 OR NOT b IN [a]) AND z EXISTS AND x 1 TO 2 AND b IS EMPTY")
