from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.errors import DataError
from openaisle.learning.data.digest import data_set
from openaisle.learning.data.keys import canonical
from openaisle.learning.data.replay import mix
from openaisle.learning.examples import DataSet, Labelled, Plain

TEXTS = st.lists(st.sampled_from([f"text {letter}" for letter in "abcdefghijkl"]).map(Plain), max_size=8)
SETS = st.builds(data_set, TEXTS, TEXTS, TEXTS)


def _numbered(prefix: str, train: int) -> DataSet:
    return data_set([Plain(f"{prefix} {n}") for n in range(train)], [Plain(f"{prefix} v")], [Plain(f"{prefix} t")])


@pytest.mark.parametrize(("share", "old"), [(0.0, 0), (0.25, 20), (0.5, 60), (0.95, 500)])
def test_old_examples_make_the_share_that_is_asked_for(share: float, old: int) -> None:
    mixed = mix(_numbered("new", 60), _numbered("old", 500), share, 7)
    assert mixed.train[:60] == _numbered("new", 60).train
    assert len(mixed.train) == 60 + old
    assert mixed.validation == (Plain("new v"), Plain("old v"))
    assert mixed.test == (Plain("new t"), Plain("old t"))


@given(SETS, SETS, st.sampled_from([0.0, 0.3, 0.9]), st.integers(0, 9))
def test_what_either_holds_out_is_learnt_by_none(new: DataSet, old: DataSet, share: float, seed: int) -> None:
    mixed = mix(new, old, share, seed)
    keys = [{canonical(each.text) for each in part} for part in (mixed.train, mixed.validation, mixed.test)]
    assert not keys[0] & keys[1]
    assert not keys[0] & keys[2]
    assert not keys[1] & keys[2]
    assert keys[2] == {canonical(each.text) for each in (*new.test, *old.test)}
    assert mixed == mix(new, old, share, seed)


def test_the_seed_draws_and_nothing_is_there_twice() -> None:
    new, old = _numbered("new", 50), _numbered("old", 500)
    assert mix(new, old, 0.25, 1) != mix(new, old, 0.25, 2)
    assert mix(new, new, 0.5, 7).train == new.train


def test_what_cannot_be_mixed() -> None:
    with pytest.raises(DataError, match="Labelled and Plain"):
        mix(_numbered("new", 3), data_set([Labelled("a", ("b",))], [], []), 0.5, 7)
    with pytest.raises(DataError, match="A share of 1"):
        mix(_numbered("new", 3), _numbered("old", 3), 1.0, 7)
