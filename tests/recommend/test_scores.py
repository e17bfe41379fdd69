from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openaisle.recommend.nearest import Nearest, NearestScores
from openaisle.recommend.scores import NOTHING, SparseScores, best_of, summed


def test_the_best_come_first_and_ties_by_number() -> None:
    best = best_of(np.array([4, 2, 9, 1], np.int32), np.array([1, 5, 1, 1], np.float32), 3)
    assert best.products.tolist()[0] == 2
    assert len(best.products) == 3
    assert best_of(np.array([4, 1], np.int32), np.array([1, 1], np.float32), 9).products.tolist() == [1, 4]


def test_what_is_not_scored_scores_nothing() -> None:
    scores = SparseScores(np.array([1, 5], np.int32), np.array([2, 3], np.float32))
    assert scores.of(np.array([0, 1, 5, 9], np.int32)).tolist() == [0, 2, 3, 0]
    assert NOTHING.of(np.array([3], np.int32)).tolist() == [0]
    assert len(NOTHING.best(5).products) == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-5, 5)), max_size=30))
def test_repeated_products_are_summed(rows: list[tuple[int, int]]) -> None:
    scores = summed(np.array([row[0] for row in rows], np.int32), np.array([row[1] for row in rows], np.float32))
    expected: dict[int, float] = {}
    for product, value in rows:
        expected[product] = expected.get(product, 0) + value
    assert list(zip(scores.products.tolist(), scores.scores.tolist(), strict=True)) == sorted(expected.items())


def test_many_vectors_are_indexed_and_found_nearly_as_if_all_were_looked_at() -> None:
    generator = np.random.default_rng(5)
    centres = generator.normal(size=(200, 16))
    vectors = (centres[generator.integers(0, 200, 21_000)] + 0.3 * generator.normal(size=(21_000, 16))).astype(
        np.float32
    )
    vectors[7] = 0
    nearest = Nearest(vectors)
    found = 0
    for row in range(20):
        exact = set(np.argsort(-(vectors @ vectors[row + 10]))[:20].tolist())
        best = nearest.best(vectors[row + 10], 20)
        found += len(exact & set(best.products.tolist()))
        np.testing.assert_allclose(best.scores, vectors[best.products] @ vectors[row + 10], rtol=0.02)
    assert found >= 0.9 * 400


def test_vectors_that_come_later_are_found_beside_the_others() -> None:
    first = np.eye(3, dtype=np.float32)
    nearest = Nearest(first).extended(np.array([[0.9, 0, 0], [0, 0, 0]], np.float32))
    best = nearest.best(np.array([1, 0, 0], np.float32), 2)
    assert best.products.tolist() == [0, 3]
    assert (
        nearest.of(np.array([1, 0, 0], np.float32), np.array([0, 3, 4, 99], np.int32)).tolist()
        == np.array([1, 0.9, 0, 0], np.float32).tolist()
    )
    assert nearest.has(np.array([0, 3, 4, 99], np.int32)).tolist() == [True, True, False, False]
    assert len(nearest) == 5
    assert nearest.vectors().shape == (5, 3)


def test_where_there_are_no_vectors_nothing_has_one() -> None:
    assert Nearest(np.empty((0, 3), np.float32)).has(np.array([0, 4], np.int32)).tolist() == [False, False]


def test_a_product_without_a_vector_is_never_found() -> None:
    scores = NearestScores(Nearest(np.array([[0, 0], [1, 0]], np.float32)), np.array([-1, 0], np.float32))
    assert scores.best(5).products.tolist() == [1]


def test_neighbours_of_several_vectors_are_told_once() -> None:
    vectors = np.random.default_rng(5).normal(size=(21_000, 8)).astype(np.float32)
    nearest = Nearest(vectors)
    together = nearest.near(vectors[[3, 3, 9]], 20).tolist()
    assert len(together) == len(set(together))
    assert set(together) == {*nearest.near(vectors[[3]], 20).tolist(), *nearest.near(vectors[[9]], 20).tolist()}
