"""The numbers that vectors are kept in: what each keeps of a cosine, and that taking and joining changes nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from openaisle.engines.embedded.rounded import Rounded
from openaisle.engines.embedded.signs import HammingScan, Signs
from openaisle.engines.embedded.stored import code, joined, read_vectors, write_vectors
from openaisle.engines.protocol import VectorNumbers

EVERY: tuple[VectorNumbers, ...] = ("float32", "int8", "binary")
MATRICES = arrays(np.float32, st.tuples(st.integers(1, 20), st.integers(1, 40)), elements=st.floats(-1, 1, width=32))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(MATRICES, st.sampled_from([np.int8, np.int16]))
def test_rounding_is_within_half_a_step(vectors: np.ndarray, integers: type[np.int8] | type[np.int16]) -> None:
    held = Rounded.of(vectors, integers)
    apart = np.abs(held.floats(slice(None)) - vectors)
    assert (apart <= held.scales[:, None] * 0.5001 + 1e-7).all()


@settings(max_examples=40, deadline=None)
@given(MATRICES)
def test_signs_are_kept_and_a_row_agrees_with_itself(vectors: np.ndarray) -> None:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.where(lengths > 1e-3, vectors / np.maximum(lengths, 1e-3), 0).astype(np.float32)
    held = Signs.of(vectors)
    floats = held.floats(slice(None))
    assert ((floats > 0) == (vectors > 0)).all()
    own = np.einsum("nd,nd->n", floats, vectors)  # what dividing by the row's product with its signs is for
    assert own == pytest.approx((lengths[:, 0] > 1e-3).astype(float), abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(MATRICES, st.integers(1, 9))
@example(np.full((1, 1), 3e-41, np.float32), 1)
def test_a_hamming_scan_counts_the_signs_that_differ(vectors: np.ndarray, limit: int) -> None:
    """Its candidates are several for each that is asked for; of few vectors they are all."""
    found = HammingScan(Signs.of(vectors)).nearest(vectors[0], limit, None)
    differing = [int(((row > 0) != (vectors[0] > 0)).sum()) for row in vectors]
    assert sorted(found.tolist()) == list(range(len(vectors)))
    assert [differing[place] for place in found] == sorted(differing)


def test_a_cosine_by_signs_is_right_on_average() -> None:
    rng = np.random.default_rng(0)
    vectors, queries = _unit(rng.normal(size=(2_000, 256))), _unit(rng.normal(size=(40, 256)))
    queries = _unit(queries + vectors[:40])  # some are near
    held = code(vectors, "binary")
    estimated, exact = np.array([held.cosines(query) for query in queries]), queries @ vectors.T
    assert abs((estimated - exact).mean()) < 1e-3
    assert (estimated - exact).std() < 0.06
    assert np.diag(estimated).mean() == pytest.approx(np.diag(exact).mean(), abs=0.02)


@pytest.mark.parametrize("numbers", EVERY)
@pytest.mark.parametrize("dimensions", [5, 64, 300])
def test_parts_joined_are_the_whole(tmp_path: Path, numbers: VectorNumbers, dimensions: int) -> None:
    vectors = _unit(np.random.default_rng(1).normal(size=(30, dimensions)))
    whole = code(vectors, numbers)
    places = np.arange(10, 30)
    again = joined([code(vectors[:10], numbers), whole.at(places)], dimensions, numbers)
    write_vectors(tmp_path, again, np.arange(30, dtype=np.int32))
    read, rows = read_vectors(tmp_path)
    assert rows.tolist() == list(range(30))
    assert (len(read), read.dimensions) == (30, dimensions)
    np.testing.assert_array_equal(read.floats(slice(None)), whole.floats(slice(None)))
    np.testing.assert_allclose(read.cosines(vectors[3]), whole.floats(slice(None)) @ vectors[3], atol=1e-5)


@pytest.mark.parametrize("numbers", EVERY)
def test_a_segment_without_vectors(tmp_path: Path, numbers: VectorNumbers) -> None:
    write_vectors(tmp_path, joined([], 7, numbers), np.empty(0, np.int32))
    read, _ = read_vectors(tmp_path)
    assert (len(read), read.dimensions) == (0, 7)
    assert len(read.cosines(np.ones(7, np.float32))) == 0
