from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from visiting import DAY, at, context

from openaisle.catalog.product import Product
from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.proposals import Proposals, Said
from openaisle.recommend.context import Context, History
from openaisle.recommend.ids import Ids
from openaisle.recommend.methods.content import ContentModel
from openaisle.recommend.nearest import Nearest
from openaisle.recommend.placements import FILLING, PLACEMENTS, Category, Placement
from openaisle.recommend.repeats import Repeats
from openaisle.recommend.rules.allowing import allowed
from openaisle.recommend.rules.arranging import Ranked, arrange
from openaisle.recommend.rules.diversity import diverse
from openaisle.recommend.rules.price_band import outside
from openaisle.recommend.shelf import Shelf, empty_shelf
from openaisle.recommend.training import methods_of

PRODUCTS = Ids("abcdefghij")
EVERY = np.arange(10, dtype=np.int32)
PLAIN = Placement(("popular",), diversity=0.0)


def shelf(**changes: dict[str, object]) -> Shelf:
    products = [Product(**{"id": id, "title": {"en": id}, **changes.get(id, {})}) for id in "abcdefghij"]  # type: ignore[arg-type]
    return empty_shelf().changed(products, (), Ids("abcdefghij"))


def known(stock: Shelf, bought: float = 0.0, days: float = 10.0, content: np.ndarray | None = None) -> Knowledge:
    habits = Repeats(np.zeros(10, np.float32), np.full(10, bought, np.float32), np.full(10, days, np.float32))
    methods = {} if content is None else {"content": ContentModel(Nearest(content), 2.0, 0.2)}
    return Knowledge(methods, habits, np.ones(10, np.float32), stock)  # type: ignore[arg-type]


def letters(mask: np.ndarray) -> str:
    return "".join(PRODUCTS.of(EVERY[mask]))


def test_what_is_not_sold_or_not_there_is_never_shown() -> None:
    stock = shelf(b={"stock": 0}).changed((), ["c"], PRODUCTS)
    may = allowed(EVERY, Context(), known(stock), PLAIN)
    assert letters(may) == "adefghij"
    later = np.array([2, 500], np.int32)
    assert allowed(later, Context(), known(stock), PLAIN).tolist() == [False, False]


def test_what_the_shopper_has_before_them_is_not_shown_again() -> None:
    question = Context(session=at("a", PRODUCTS), page=1, cart=at("c", PRODUCTS))
    assert letters(allowed(EVERY, question, known(shelf()), PLAIN)) == "defghij"
    assert letters(allowed(EVERY, question, known(shelf()), replace(PLAIN, opened=True))) == "adefghij"


@pytest.mark.parametrize(("share", "days_ago", "shown"), [(0.0, 99, False), (0.5, 99, True), (0.5, 1, False)])
def test_what_was_bought_comes_again_only_where_that_is_usual_and_due(share: float, days_ago: int, shown: bool) -> None:
    past = History(at("a", PRODUCTS), np.array([0]), np.array([5], np.float32), np.array([True]))
    question = Context(time=days_ago * DAY, history=past)
    assert allowed(EVERY, question, known(shelf(), share), PLAIN)[0] == shown


def test_what_was_only_looked_at_may_come_again() -> None:
    past = History(at("a", PRODUCTS), np.array([0]), np.array([1], np.float32), np.array([False]))
    assert allowed(EVERY, Context(time=DAY, history=past), known(shelf()), PLAIN)[0]


def test_similar_products_are_of_the_category_and_complementary_ones_are_not() -> None:
    stock = shelf(
        a={"category": ("Kitchen", "Mugs")},
        b={"category": ("Kitchen", "Mugs")},
        c={"category": ("Kitchen", "Pots")},
        d={"category": ("Garden", "Hoses")},
    )
    question = Context(page=0)
    same = allowed(EVERY, question, known(stock), replace(PLAIN, category=Category.SAME))
    other = allowed(EVERY, question, known(stock), replace(PLAIN, category=Category.OTHER))
    assert letters(same) == "bcefghij"  # nothing is known against those that state none
    assert letters(other) == "cdefghij"
    order = shown(arrange(ranked(known(stock), question), replace(PLAIN, category=Category.SAME), 9))
    assert order == "befghijc"


def test_a_variant_of_what_is_on_the_page_is_not_recommended() -> None:
    stock = shelf(a={"group_id": "variants"}, b={"group_id": "variants"})
    assert letters(allowed(EVERY, Context(page=0), known(stock), PLAIN)) == "cdefghij"
    assert letters(allowed(EVERY, Context(cart=at("b", PRODUCTS)), known(stock), PLAIN)) == "cdefghij"


def test_prices_are_held_against_the_page_or_what_was_opened_last() -> None:
    stock = shelf(a={"price": 10.0}, b={"price": 19.0}, c={"price": 21.0}, d={"price": 4.0})
    assert letters(outside(EVERY, Context(page=0), stock, 2.0)) == "cd"
    assert letters(outside(EVERY, context("a", PRODUCTS), stock, 2.0)) == "cd"
    assert not outside(EVERY, Context(), stock, 2.0).any()
    assert not outside(EVERY, Context(page=4), stock, 2.0).any()


def test_the_like_of_what_stands_already_comes_later() -> None:
    likeness = np.eye(3, dtype=np.float32)
    likeness[0, 1] = likeness[1, 0] = 1
    scores = np.array([1.0, 0.9, 0.5], np.float32)
    order, lost = diverse(scores, likeness, 1.0, 3)
    assert order.tolist() == [0, 2, 1]
    assert lost.tolist() == [0, 0, -0.5]
    assert diverse(scores, likeness, 0.0, 3)[0].tolist() == [0, 1, 2]
    assert len(diverse(scores[:0], likeness[:0, :0], 1.0, 3)[0]) == 0


def ranked(knowledge: Knowledge, question: Context, content: np.ndarray | None = None) -> Ranked:
    said = {} if content is None else {"content": Said(content, np.ones(10, np.float32))}
    return Ranked(Proposals(EVERY, said), np.linspace(1, 0.1, 10).astype(np.float32), question, knowledge)


def shown(arranged: object) -> str:
    return "".join(PRODUCTS.of(arranged.rows))  # type: ignore[attr-defined]


def test_one_variant_stands_for_all() -> None:
    stock = shelf(a={"group_id": "variants"}, b={"group_id": "variants"})
    assert shown(arrange(ranked(known(stock), Context()), PLAIN, 3)) == "acd"


def test_what_costs_far_more_or_less_comes_behind() -> None:
    stock = shelf(a={"price": 10.0}, b={"price": 500.0}, c={"price": 11.0})
    order = shown(arrange(ranked(known(stock), Context(page=0)), replace(PLAIN, band=2.0), 9))
    assert order == "cdefghijb"


def test_a_place_is_kept_for_what_nobody_has_seen() -> None:
    knowledge = replace(known(shelf()), frequency=np.array([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], np.float32))
    likes = np.array([0.1] * 8 + [0.2, 0.9], np.float32)
    placement = replace(PLAIN, newcomers=4)
    assert shown(arrange(ranked(knowledge, Context(), likes), placement, 4)) == "abcj"
    assert shown(arrange(ranked(knowledge, Context(), likes), PLAIN, 4)) == "abcd"


def test_fewer_are_shown_where_no_more_may_be() -> None:
    stock = shelf().changed((), "cdefghij", PRODUCTS)
    assert shown(arrange(ranked(known(stock), Context()), PLAIN, 5)) == "ab"


def test_the_table_of_placements_names_methods_that_there_are() -> None:
    there = {*methods_of(lambda ids: np.zeros((len(ids), 1), np.float32)), "sequential"}
    named = {name for placement in PLACEMENTS.values() for name in placement.proposing}
    assert named | set(FILLING) <= there
