"""Tags are decoded as the most probable ones that spans can have."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from openaisle.models.tags import Decoder, Following

TAGS = ("O", "B-a", "I-a", "B-b", "I-b")
LOGITS = arrays(np.float32, st.tuples(st.integers(0, 4), st.just(len(TAGS))), elements=st.floats(-20, 20, width=32))


def allowed(path: tuple[int, ...]) -> bool:
    names = ["O", *(TAGS[number] for number in path)]
    return all(not tag.startswith("I-") or before in (f"B-{tag[2:]}", tag) for before, tag in pairwise(names))


def score(logits: np.ndarray, path: tuple[int, ...]) -> float:
    return sum(float(row[number]) for row, number in zip(logits, path, strict=True))


@given(LOGITS)
def test_no_allowed_path_is_more_probable(logits: np.ndarray) -> None:
    found = tuple(Decoder(TAGS).decode(logits))
    paths = [path for path in product(range(len(TAGS)), repeat=len(logits)) if allowed(path)]
    assert found in paths
    assert score(logits, found) >= max(score(logits, path) for path in paths) - 1e-4


def test_what_was_learnt_of_the_order_decides_where_logits_do_not() -> None:
    following = Following([0, 5, 0, 0, 0], [[0, 0, 0, 0, 0], [0, 0, 5, 0, 0], [5, 0, 0, 0, 0], [0] * 5, [0] * 5])
    found = Decoder(TAGS, following).decode(np.zeros((3, 5)))
    assert [TAGS[number] for number in found] == ["B-a", "I-a", "O"]


def test_a_span_does_not_begin_inside() -> None:
    logits = np.array([[2.0, 1.0, 9.0, 0, 0], [0, 0, 9.0, 0, 0]])
    assert [TAGS[number] for number in Decoder(TAGS).decode(logits)] == ["B-a", "I-a"]
