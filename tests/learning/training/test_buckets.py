from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from openaisle.learning.training.buckets import LengthBuckets


@given(lengths=st.lists(st.integers(1, 100), max_size=200), batch=st.integers(1, 17), epoch=st.integers(0, 3))
def test_every_example_comes_once_an_epoch(lengths: list[int], batch: int, epoch: int) -> None:
    order = LengthBuckets(len(lengths), batch, 7, lengths)
    order.set_epoch(epoch)
    assert sorted(order) == list(range(len(lengths))) == sorted(LengthBuckets(len(lengths), batch, 7))
    assert len(order) == len(lengths)


def test_batches_hold_texts_of_like_length() -> None:
    lengths = [1 + number % 50 for number in range(1000)]
    padded = {
        name: sum(10 * max(lengths[index] for index in found[at : at + 10]) for at in range(0, 1000, 10))
        for name, found in (
            ("bucketed", list(LengthBuckets(1000, 10, 7, lengths))),
            ("random", list(LengthBuckets(1000, 10, 7))),
        )
    }
    assert padded["bucketed"] < 1.1 * sum(lengths)
    assert padded["random"] > 1.5 * sum(lengths)


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    lengths = list(range(100))
    order, again, other = (LengthBuckets(100, 4, seed, lengths) for seed in (7, 7, 8))
    assert list(order) == list(again)
    assert list(order) != list(other)
    again.set_epoch(1)
    assert list(order) != list(again)
    again.set_epoch(0)
    assert list(order) == list(again)


def test_whole_batches_come_before_the_short_one() -> None:
    lengths = [50, *[1] * 10]
    order = list(LengthBuckets(11, 4, 7, lengths))
    assert len({lengths[index] for index in order[8:]}) == 1
