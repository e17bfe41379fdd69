from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openaisle.models.batching import batches


@given(st.lists(st.integers(0, 100), max_size=200), st.integers(1, 300))
def test_every_text_once_and_no_batch_above_the_budget(lengths: list[int], budget: int) -> None:
    array = np.array(lengths, dtype=np.int64)
    plan = list(batches(array, budget))
    assert sorted(np.concatenate([*plan, np.array([], dtype=np.intp)]).tolist()) == list(range(len(lengths)))
    for positions in plan:
        assert len(positions) == 1 or array[positions].max() * len(positions) <= budget


def test_texts_of_one_length_run_together() -> None:
    plan = list(batches(np.array([3, 30, 3, 30, 3]), 60))
    assert [sorted(positions.tolist()) for positions in plan] == [[1, 3], [0, 2, 4]]
