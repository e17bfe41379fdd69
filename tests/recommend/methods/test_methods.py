"""What every method promises."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from visiting import DAY, at, context, visits

from openaisle.recommend.context import Context, History
from openaisle.recommend.methods.again import Again
from openaisle.recommend.methods.als import Als
from openaisle.recommend.methods.content import Content
from openaisle.recommend.methods.followed import Followed
from openaisle.recommend.methods.item_knn import ItemKnn
from openaisle.recommend.methods.popular import TRENDING, Popular
from openaisle.recommend.methods.session_knn import SessionKnn
from openaisle.recommend.methods.together import Together
from openaisle.recommend.protocol import Model, Recommender


def _vectors(ids: object) -> np.ndarray:
    return np.eye(len(list(ids)), 4, dtype=np.float32)  # type: ignore[call-overload]


METHODS: dict[str, Callable[[], Recommender]] = {
    "popular": Popular,
    "trending": lambda: TRENDING,
    "viewed": lambda: Together("viewed", least=0.0),
    "bought": lambda: Together("bought", least=0.0),
    "item_knn": ItemKnn,
    "followed": Followed,
    "session_knn": SessionKnn,
    "again": Again,
    "als": lambda: Als(factors=4, iterations=3),
    "content": lambda: Content(_vectors),
}
SESSIONS = ("abc", "abd", "abce", "fg", "gf", "aa", "bcd")
every_method = pytest.mark.parametrize("name", METHODS)


@pytest.fixture(autouse=True)
def _needs(request: pytest.FixtureRequest) -> None:
    if "als" in request.node.name:
        pytest.importorskip("implicit")


def fitted(name: str) -> Model:
    return METHODS[name]().fit(visits(*SESSIONS))


def asked() -> list[Context]:
    products = visits(*SESSIONS).products
    past = History(at("ag", products), np.array([DAY, 2 * DAY]), np.array([1, 5], np.float32), np.array([False, True]))
    return [context("ab", products), context("", products), Context(time=9 * DAY, history=past), context("j", products)]


@every_method
def test_it_comes_back_from_its_arrays_as_it_was(name: str) -> None:
    model = fitted(name)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **model.arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        again = type(model).from_arrays(dict(arrays))
    for question in asked():
        before, after = model.scores(question).best(5), again.scores(question).best(5)
        assert before.products.tolist() == after.products.tolist()
        np.testing.assert_allclose(before.scores, after.scores, rtol=1e-5)


@every_method
def test_the_scores_of_the_best_are_their_scores(name: str) -> None:
    for question in asked():
        scores = fitted(name).scores(question)
        best = scores.best(4)
        np.testing.assert_allclose(scores.of(best.products), best.scores, rtol=1e-4, atol=1e-6)
        assert np.all(np.diff(best.scores) <= 0)
        assert len(set(best.products.tolist())) == len(best.products)


@every_method
def test_products_that_came_later_are_passed_over(name: str) -> None:
    model = fitted(name)
    later = Context(time=9 * DAY, session=np.array([500, 1], np.int32), page=900)
    assert model.scores(later).of(np.array([700], np.int32)).tolist() == [0.0]


@every_method
def test_nothing_at_all_can_be_learnt_from(name: str) -> None:
    model = METHODS[name]().fit(visits())
    products = visits().products
    model.scores(context("ab", products)).best(5)
    model.refreshed(visits("ab", products=products)).scores(context("ab", products)).best(5)


@pytest.mark.parametrize("name", ["viewed", "item_knn", "followed", "session_knn", "als"])
def test_what_came_together_is_found(name: str) -> None:
    model = fitted(name)
    products = visits().products
    best = model.scores(context("f", products)).best(3).products.tolist()
    assert products.number("g") in best
