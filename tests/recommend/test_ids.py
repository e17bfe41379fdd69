from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openaisle.recommend.ids import UNKNOWN, entries, located

NUMBERS = st.lists(st.integers(UNKNOWN, 12), max_size=20)


@given(NUMBERS, st.integers(0, 9))
def test_products_that_a_column_does_not_know_have_the_missing_entry(products: list[int], length: int) -> None:
    column = np.arange(length, dtype=np.float32) * 10
    found = entries(column, np.array(products, np.int32), np.nan)
    expected = [number * 10.0 if 0 <= number < length else np.nan for number in products]
    np.testing.assert_array_equal(found, np.array(expected, np.float32))
    assert found.dtype == column.dtype


@given(NUMBERS, st.sets(st.integers(0, 12)))
def test_wanted_ones_are_located_where_they_stand(wanted: list[int], among: set[int]) -> None:
    ascending = np.array(sorted(among), np.int32)
    places, found = located(np.array(wanted, np.int32), ascending)
    assert found.tolist() == [number in among for number in wanted]
    assert ascending[places[found]].tolist() == [number for number in wanted if number in among]
