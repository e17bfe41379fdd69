"""Vectors in bytes stay where they were, within what a byte can say."""

from __future__ import annotations

import numpy as np
import pytest

from openaisle.recommend import rounded
from openaisle.recommend.nearest import Nearest
from openaisle.recommend.rounded import Rounded


def unit_vectors(count: int, dimensions: int) -> np.ndarray:
    vectors = np.random.default_rng(5).normal(size=(count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_inner_products_are_off_by_a_thousandth() -> None:
    vectors = unit_vectors(500, 384)
    held = Rounded.of(vectors)
    exact, found = vectors @ vectors[0], held[np.arange(500, dtype=np.int32)] @ vectors[0]
    assert np.abs(found - exact).max() < 0.003
    assert np.abs(found - exact).mean() < 0.001


def test_a_row_of_zeros_stays_one() -> None:
    held = Rounded.of(np.zeros((2, 8), np.float32))
    assert not held[np.array([0, 1], np.int32)].any()


def test_rounding_in_parts_is_rounding_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = unit_vectors(50, 16)
    whole = Rounded.of(vectors)
    monkeypatch.setattr(rounded, "_AT_ONCE", 7)
    parts = Rounded.of(vectors)
    np.testing.assert_array_equal(parts.integers, whole.integers)
    np.testing.assert_array_equal(parts.vectors(), whole.vectors())


def test_what_was_saved_is_rounded_to_nearly_the_same() -> None:
    held = Rounded.of(unit_vectors(50, 16))
    again = Rounded.of(held.vectors())
    assert np.abs(again.integers.astype(int) - held.integers).max() <= 1


def test_many_vectors_are_found_as_few_are() -> None:
    """Each group of the big set has its own direction, which a query for it must find."""
    generator = np.random.default_rng(2)
    centres = unit_vectors(300, 32)
    vectors = np.repeat(centres, 80, axis=0) + 0.02 * generator.normal(size=(24_000, 32)).astype(np.float32)
    nearest = Nearest(vectors)
    best = nearest.best(centres[7], 20)
    assert set(best.products // 80) == {7}
    later = nearest.extended(centres[9:10] * 2)
    assert later.best(centres[9], 1).products.tolist() == [24_000]
    np.testing.assert_allclose(nearest.at(np.array([5], np.int32))[0], vectors[5], atol=0.005)
