"""What is each method's own."""

from __future__ import annotations

import numpy as np
import pytest
from visiting import DAY, at, context, visits

from openaisle.events.event import Kind
from openaisle.recommend.context import Context, History
from openaisle.recommend.ids import Ids
from openaisle.recommend.methods.again import Again
from openaisle.recommend.methods.als import Als, users
from openaisle.recommend.methods.content import Content
from openaisle.recommend.methods.followed import Followed
from openaisle.recommend.methods.item_knn import ItemKnn
from openaisle.recommend.methods.popular import TRENDING, Popular
from openaisle.recommend.methods.session_knn import SessionKnn
from openaisle.recommend.methods.together import Together, log_likelihood_ratio


def first(model: object, session: str, count: int = 1) -> str:
    products = Ids("abcdefghij")
    best = model.scores(context(session, products)).best(count)  # type: ignore[attr-defined]
    return "".join(products.of(best.products))


def test_the_ratio_is_that_of_a_table_worked_by_hand() -> None:
    # of 100 baskets 10 hold one, 10 the other, 8 both: rows (8, 2) and (2, 88)
    cells, whole = np.array([8, 2, 2, 88.0]), 100.0
    expected = np.array([10 * 10, 10 * 90, 90 * 10, 90 * 90]) / whole
    by_hand = 2 * np.sum(cells * np.log(cells / expected))
    ratio = log_likelihood_ratio(np.array([8.0]), np.array([10.0]), np.array([10.0]), 100)
    assert ratio[0] == pytest.approx(by_hand)


def test_meeting_as_often_as_chance_has_it_says_nothing() -> None:
    ratio = log_likelihood_ratio(np.array([5.0, 3.0]), np.array([50.0, 50.0]), np.array([10.0, 10.0]), 100)
    assert ratio.tolist() == [pytest.approx(0.0, abs=1e-9), 0.0]


def test_what_everybody_takes_is_not_bought_together_with_anything() -> None:
    baskets = ["ab"] * 12 + ["a" + other for other in "cdefghij" * 4]
    model = Together("bought").fit(visits(*baskets, kind=Kind.ORDER))
    assert first(model, "c", 5) == ""
    pair = Together("bought").fit(visits(*(["ab"] * 6 + ["cd"] * 6 + ["ef"] * 6), kind=Kind.ORDER))
    assert first(pair, "c", 5) == "d"


def test_views_are_not_purchases() -> None:
    assert first(Together("bought", least=0).fit(visits(*["ab"] * 9)), "a", 5) == ""
    assert first(Together("viewed", least=0).fit(visits(*["ab"] * 9, "c")), "a", 5) == "b"


def test_what_follows_counts_more_than_what_comes_before() -> None:
    model = Followed().fit(visits(*["abc"] * 5))
    assert first(model, "b") == "c"
    assert first(model, "c") == "b"


def test_the_nearest_step_counts_most() -> None:
    assert first(Followed().fit(visits(*["abcd"] * 5)), "a", 3) == "bcd"


def test_the_product_seen_last_has_the_most_say() -> None:
    model = ItemKnn().fit(visits(*["ab"] * 5, *["cd"] * 5))
    assert first(model, "ac") == "d"
    assert first(model, "ca") == "b"


def test_a_product_that_is_opened_again_is_its_own_neighbour() -> None:
    assert first(ItemKnn(shrink=0).fit(visits("aa", "aba", "aa", "b")), "a") == "a"


def test_sessions_that_share_more_are_nearer() -> None:
    model = SessionKnn(age_days=1e9).fit(visits("abx", "abx", "acd", "acd", products=Ids("abcdefghijx")))
    products = Ids("abcdefghijx")
    best = model.scores(context("ab", products)).best(9).products
    found = products.of(best)
    assert found.index("x") < found.index("d")


def test_sessions_of_late_count_more() -> None:
    model = SessionKnn(age_days=1.0).fit(visits("ab", *["fg"] * 9, "ac"))
    assert first(model, "a", 9).index("c") < first(model, "a", 9).index("b")


def test_a_session_that_came_since_is_a_neighbour_at_once() -> None:
    before = visits("ab", "cd")
    model = SessionKnn().fit(before)
    assert "e" not in first(model, "a", 9)
    newer = visits("ae", products=before.products)
    assert "e" in first(model.refreshed(newer), "a", 9)


def test_refreshing_popularity_is_as_counting_anew() -> None:
    both = visits("aab", "ccc", "cd")
    old, new = both.where(both.session < 2), both.where(both.session >= 2)
    refreshed, whole = Popular().fit(old).refreshed(new), Popular().fit(both)
    question = context("", both.products)
    every = np.arange(10, dtype=np.int32)
    np.testing.assert_allclose(refreshed.scores(question).of(every), whole.scores(question).of(every), rtol=1e-6)


def test_popular_is_of_weeks_and_trending_of_days() -> None:
    rows = visits(*["a" * 40] * 20, "b" * 60)
    question = context("", rows.products)
    assert Popular().fit(rows).scores(question).best(1).products.tolist() == [0]
    assert TRENDING.fit(rows).scores(question).best(1).products.tolist() == [1]


def test_a_product_nobody_knows_is_found_by_what_it_is() -> None:
    like = {"a": [1, 0], "j": [0.9, 0.1], "b": [0, 1]}
    model = Content(lambda ids: np.array([like.get(id, [0, 0]) for id in ids], np.float32)).fit(visits("b"))
    assert first(model, "a", 2) == "aj"
    grown = model.extended(np.array([[0.95, 0]], np.float32))
    assert grown.scores(context("a", Ids("abcdefghij"))).best(2).products.tolist() == [0, 10]


def test_taking_again_needs_a_habit() -> None:
    products = Ids("abcdefghij")
    orders = [("x", "ab"), ("y", "ab"), ("x", "a"), ("y", "a"), ("x", "a"), ("z", "b")]
    rows = visits(*(basket for _, basket in orders), shoppers=[who for who, _ in orders], kind=Kind.ORDER)
    model = Again().fit(rows)
    past = History(at("ab", products), np.array([0, 0]), np.array([5, 5], np.float32), np.array([True, True]))
    scores = model.scores(Context(time=DAY, history=past))
    often, seldom = scores.of(at("ab", products))
    assert often > seldom > 0
    assert model.repeats.due(at("ab", products), np.array([30.0, 30.0])).tolist()[0]
    assert not model.repeats.due(at("a", products), np.array([0.01])).any()


def test_folding_a_shopper_in_gives_the_factors_that_training_gives() -> None:
    pytest.importorskip("implicit")
    from scipy.sparse import csr_matrix

    rows = visits(*["abc", "abd", "cde", "efg", "fga", "hij"] * 4)
    method = Als(factors=6, iterations=10)
    trained = method._trained(rows)
    matrix = csr_matrix((rows.weight, (users(rows), rows.product)))
    theirs = trained.recalculate_user(0, matrix[0])
    scores = method.fit(rows).scores(context("abc", rows.products)).of(np.arange(10, dtype=np.int32))
    np.testing.assert_allclose(scores, trained.item_factors @ theirs, rtol=1e-3, atol=1e-3)
