from __future__ import annotations

from visiting import DAY, visits

from openaisle.events.event import Kind
from openaisle.recommend.splits import by_time, moment_leaving, next_basket_cases, next_product_cases


def test_no_session_is_on_both_sides_and_none_that_lies_across_on_either() -> None:
    rows = visits("ab", "cd", "ef")
    past, future = by_time(rows, DAY + 1)  # in the middle of the second
    assert "".join(past.products.of(past.product)) == "ab"
    assert "".join(future.products.of(future.product)) == "ef"


def test_the_moment_leaves_the_share_that_was_asked_for() -> None:
    rows = visits(*["a"] * 100)
    _, future = by_time(rows, moment_leaving(rows, 0.2))
    assert len(future) == 20
    assert moment_leaving(visits(), 0.5) == 0


def test_every_row_but_the_first_is_asked_from_those_before() -> None:
    cases = list(next_product_cases(visits("abc", "d")))
    assert [(case.context.session.tolist(), case.targets.tolist()) for case in cases] == [([0], [1]), ([0, 1], [2])]
    assert {case.unit for case in cases} == {0}
    assert len(cases[0].context.history.product) == 0


def test_the_history_ends_where_the_session_begins() -> None:
    rows = visits("ab", "cd", "ef", shoppers="xyx")
    past, future = rows.where(rows.session < 1), rows.where(rows.session >= 1)
    cases = list(next_product_cases(future, past))
    assert [case.context.history.product.tolist() for case in cases] == [[], [0, 1]]


def test_a_basket_is_asked_from_the_history_once_a_shopper() -> None:
    rows = visits("ab", "bc", "bd", shoppers="xxx", kind=Kind.ORDER)
    past, future = rows.where(rows.session < 1), rows.where(rows.session >= 1)
    (case,) = next_basket_cases(future, past)
    assert case.targets.tolist() == [1, 2]
    assert case.context.history.product.tolist() == [0, 1]
    assert list(next_basket_cases(visits("ab", shoppers="x"), past)) == []
