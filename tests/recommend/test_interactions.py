from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openaisle.events.event import Event, Kind
from openaisle.recommend.ids import Ids
from openaisle.recommend.interactions import SESSION_GAP_MS, from_events


def event(product: str, time: int, kind: Kind = Kind.VIEW, **more: str) -> Event:
    return Event(id=f"{product}{time}{kind}", kind=kind, time=time, product_id=product, **more)


def letters(made: object) -> str:
    return "".join(made.products.of(made.product))  # type: ignore[attr-defined]


def test_rows_come_in_order_of_session_and_time_however_they_arrive() -> None:
    made = from_events(
        [
            event("b", 30, session="t"),
            event("a", 20, session="s"),
            event("c", 10, session="t"),
            event("d", 5, session="s"),
        ]
    )
    assert letters(made) == "dacb"
    assert made.session.tolist() == [0, 0, 1, 1]
    assert made.offsets.tolist() == [0, 2, 4]


def test_a_shopper_without_sessions_is_cut_where_the_pause_is_long() -> None:
    times = [0, 1000, 1000 + SESSION_GAP_MS + 1, 2000 + SESSION_GAP_MS + 1]
    made = from_events([event(product, time, shopper="x") for product, time in zip("abcd", times, strict=True)])
    assert made.session.tolist() == [0, 0, 1, 1]


def test_nobody_in_no_session_stands_alone() -> None:
    assert from_events([event("a", 0), event("b", 1)]).session.tolist() == [0, 1]


def test_what_says_nothing_of_a_product_is_left_out() -> None:
    kinds = [Kind.QUERY, Kind.IMPRESSION, Kind.DWELL]
    assert len(from_events([event("a", 0, kind) for kind in kinds])) == 0
    assert len(from_events([Event(id="1", kind=Kind.VIEW, time=0)])) == 0


def test_a_returned_order_is_worth_a_view() -> None:
    made = from_events(
        [
            event("a", 0, Kind.ORDER, shopper="x"),
            event("b", 0, Kind.ORDER, shopper="x"),
            event("a", 99, Kind.RETURN, shopper="x"),
            event("a", 50, Kind.ORDER, shopper="y"),
        ]
    )
    bought = {
        (made.shoppers.names[s], made.products.names[p])
        for s, p in zip(made.shopper[made.bought], made.product[made.bought], strict=True)
    }
    assert bought == {("x", "b"), ("y", "a")}
    assert sorted(made.weight.tolist()) == [1.0, 5.0, 5.0]


def test_the_page_that_a_click_opens_is_not_a_second_visit_but_a_later_one_is() -> None:
    made = from_events(
        [
            event("a", 0, Kind.CLICK, session="s"),
            event("a", 900, session="s"),
            event("a", 60_000, session="s"),
        ]
    )
    assert made.time.tolist() == [0, 60_000]


def test_names_keep_the_numbers_they_have() -> None:
    products = Ids(["z", "a"])
    made = from_events([event("a", 0), event("new", 1)], products)
    assert made.product.tolist() == [1, 2]
    assert products.names == ["z", "a", "new"]


def test_no_events_make_no_rows() -> None:
    made = from_events([])
    assert len(made) == 0
    assert made.offsets.tolist() == [0]
    assert made.latest == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.integers(0, 10**8),
            st.sampled_from(["", "s", "t"]),
            st.sampled_from(["", "x", "y"]),
            st.sampled_from(list(Kind)),
        ),
        max_size=30,
    )
)
def test_sessions_are_whole_numbered_and_in_order_of_time(rows: list[tuple[str, int, str, str, Kind]]) -> None:
    made = from_events([event(p, time, kind, session=s, shopper=x) for p, time, s, x, kind in rows])
    assert np.all(np.diff(made.session) >= 0)
    assert np.all(np.diff(made.session) <= 1)
    assert np.all(np.diff(made.time)[np.diff(made.session) == 0] >= 0)
    assert made.weight.min(initial=1) >= 1
    assert not np.any(made.bought & (made.weight < 5))
