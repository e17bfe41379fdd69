from __future__ import annotations

import numpy as np
import pytest
from visiting import at, visits

from openaisle.recommend import pairs
from openaisle.recommend.neighbours import strongest
from openaisle.recommend.pairs import Pairs, near, together


def table(found: Pairs) -> dict[tuple[int, int], float]:
    return {(int(a), int(b)): float(v) for a, b, v in zip(found.first, found.second, found.value, strict=True)}


def test_products_of_a_session_count_once_a_session_and_in_both_orders() -> None:
    assert table(together(visits("aab", "ab", "c"), 10)) == {(0, 1): 2.0, (1, 0): 2.0}


def test_rows_near_each_other_count_by_their_distance_and_never_across_sessions() -> None:
    found = table(near(visits("abc", "d"), window=2, distance=2.0))
    assert found == {(0, 1): 1.0, (1, 2): 1.0, (0, 2): pytest.approx(np.exp(-0.5))}


def test_counting_in_parts_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = visits("abcdef", "fedcba", "abba", "acegi")
    whole = table(together(rows, 10))
    monkeypatch.setattr(pairs, "_AT_ONCE", 1)
    assert table(together(rows, 10)) == whole


def test_only_the_strongest_neighbours_are_kept_the_best_first() -> None:
    found = strongest(Pairs(np.array([0, 0, 0]), np.array([1, 2, 3]), np.array([1.0, 3.0, 2.0])), products=5, count=2)
    assert found.rows.row(0).tolist() == [2, 3]
    assert len(found) == 5
    assert found.between(np.array([7, 3, 2]), np.array([4, 0, 99])).tolist() == [[0, 0, 0], [0, 2, 0], [0, 3, 0]]
    assert found.between(np.empty(0, np.int32), np.array([0])).shape == (0, 1)


def test_scores_sum_over_the_products_by_their_say() -> None:
    made = Pairs(np.array([0, 1]), np.array([2, 2]), np.array([1.0, 10.0]))
    scores = strongest(made, 3, 5).scores(np.array([0, 1, 77], np.int32), np.array([1, 0.5, 1], np.float32))
    assert scores.products.tolist() == [2]
    assert scores.scores.tolist() == [6.0]
    assert at("c", visits("abc").products).tolist() == [2]
