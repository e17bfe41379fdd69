from __future__ import annotations

import numpy as np

from openaisle.events.click_models.pages import Impressions, pages_of


def test_rows_stand_by_page_and_position_whatever_their_order() -> None:
    rows = [(1, 0, 1, 2, True), (0, 1, 0, 1, False), (1, 0, 0, 1, False), (0, 1, 1, 5, True)]
    columns = (np.array(column) for column in zip(*rows, strict=True))
    pages = pages_of(Impressions(["mug", "lamp"], ["z", "a"], *columns))
    assert pages.starts.tolist() == [0, 2, 4]
    assert pages.position.tolist() == [1, 5, 1, 2]
    assert pages.clicked.tolist() == [False, True, False, True]
    assert [pages.pairs.queries[query] for query in pages.query] == ["lamp", "mug"]
    named = [pages.pairs.products[pages.pairs.product[pair]] for pair in pages.pair]
    assert named == ["z", "a", "z", "a"]
    assert (pages.impressions, pages.clicks, pages.depth) == (4, 2, 5)


def test_a_pair_is_found_by_its_names(write) -> None:
    pages = write(("mug", "ab", [1]), ("lamp", "bc", []))
    numbers = [pages.pairs.find(query, product) for query, product in (("lamp", "b"), ("mug", "a"), ("mug", "b"))]
    assert sorted(numbers) == [0, 2, 3]
    for query, product in (("mug", "c"), ("lamp", "a"), ("chair", "a"), ("mug", "x")):
        assert pages.pairs.find(query, product) is None


def test_a_product_shown_twice_on_a_page_counts_once_where_it_stood_first() -> None:
    columns = (np.array(c) for c in ([0, 0, 0], [0, 0, 0], [0, 1, 0], [1, 2, 3], [False, False, True]))
    pages = pages_of(Impressions(["mug"], ["a", "b"], *columns))
    assert pages.position.tolist() == [1, 2]
    assert pages.clicked.tolist() == [True, False]


def test_some_pages_keep_the_numbers_of_all(write) -> None:
    pages = write(("mug", "ab", [1]), ("lamp", "cde", [3]), ("mug", "ba", []))
    kept = pages.where(np.array([False, True, True]))
    assert kept.pairs is pages.pairs
    assert kept.starts.tolist() == [0, 3, 5]
    assert kept.pair.tolist() == pages.pair[2:].tolist()
    assert pages.count()[pages.pairs.find("mug", "a")] == 2
    assert kept.count()[pages.pairs.find("mug", "a")] == 1


def test_no_pages_at_all() -> None:
    empty = np.zeros(0, np.int64)
    pages = pages_of(Impressions([], [], empty, empty, empty, empty, np.zeros(0, np.bool_)))
    assert (len(pages), pages.impressions, pages.depth, len(pages.pairs)) == (0, 0, 0, 0)
    assert pages.pairs.find("mug", "a") is None
