"""Codes of vectors, cut vectors, parity and calibration: the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from openaisle.errors import ExportError, ModelError
from openaisle.learning.compression.calibration import calibration_of, fitted
from openaisle.learning.compression.matryoshka import cut
from openaisle.learning.compression.parity import compared, require
from openaisle.learning.compression.vectors import binary_codes, int8_codes, kept
from openaisle.learning.examples import Candidate, JudgedQuery, Plain

RANDOM = np.random.default_rng(3)


def unit(rows: int, dimensions: int) -> np.ndarray:
    vectors = RANDOM.normal(size=(rows, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=40, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(1, 20), st.integers(1, 40)), elements=st.floats(-1, 1, width=32)))
def test_int8_codes_are_within_half_a_step(vectors: np.ndarray) -> None:
    coded = int8_codes(vectors)
    assert (np.abs(coded.codes * coded.steps - vectors) <= coded.steps * 0.5001 + 1e-7).all()


@settings(max_examples=40, deadline=None)
@given(arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 40)), elements=st.floats(-1, 1, width=32)))
def test_hamming_distances_count_the_signs_that_differ(vectors: np.ndarray) -> None:
    coded = binary_codes(vectors)
    expected = [[int(((a > 0) != (b > 0)).sum()) for b in vectors] for a in vectors]
    assert coded.distances(coded.codes).tolist() == expected


def test_recall_of_codes_is_told() -> None:
    documents, queries = unit(800, 128), unit(30, 128)
    full, int8, binary = (kept(queries, documents, numbers) for numbers in ("float32", "int8", "binary"))
    assert (full.recall, full.bytes_a_vector, full.largest_difference) == (1.0, 512, 0.0)
    assert int8.recall > 0.95
    assert int8.bytes_a_vector == 128
    assert 0 < (int8.largest_difference or 0) < 0.01
    # random vectors are the hardest there are
    assert 0.2 < binary.recall < int8.recall
    assert binary.bytes_a_vector == 16
    assert binary.largest_difference is None


def test_recall_needs_documents() -> None:
    with pytest.raises(ModelError, match="at least 10"):
        kept(unit(2, 8), unit(9, 8), "int8")
    with pytest.raises(ModelError, match="not finite"):
        int8_codes(np.array([[np.nan]], np.float32))


def test_cut_vectors_are_the_first_dimensions_at_unit_length() -> None:
    vectors = unit(5, 16)
    short = cut(vectors, 4)
    np.testing.assert_allclose(np.linalg.norm(short, axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(short * np.linalg.norm(vectors[:, :4], axis=1, keepdims=True), vectors[:, :4], atol=1e-7)
    with pytest.raises(ModelError):
        cut(vectors, 17)


def test_parity_tells_how_far_outputs_are_apart() -> None:
    one = [np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)]
    other = [np.array([1.0, 0.0], np.float32), np.array([0.6, 0.8], np.float32)]
    parity = compared(one, other)
    assert parity.largest_difference == pytest.approx(0.6)
    assert parity.least_cosine == pytest.approx(0.8)
    assert compared(one, one).correlation == pytest.approx(1.0)


def test_exports_that_differ_are_refused() -> None:
    vectors = list(unit(20, 32))
    noisy = [vector + RANDOM.normal(size=32).astype(np.float32) * 0.02 for vector in vectors]
    parity = compared(vectors, noisy)
    require(parity, "vectors", "int8")
    with pytest.raises(ExportError, match="differently"):
        require(parity, "vectors", "none")
    with pytest.raises(ExportError, match="differently"):
        require(compared(vectors, [-vector for vector in vectors]), "vectors", "4bit")
    with pytest.raises(ExportError, match="differently"):
        require(compared(vectors, [vector * np.nan for vector in vectors]), "vectors", "int8")
    with pytest.raises(ExportError, match="shape"):
        compared(vectors, [vector[:3] for vector in vectors])


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (3.0, -2.0), (0.2, 1.0)])
def test_a_logistic_curve_is_found_again(scale: float, shift: float) -> None:
    scores = RANDOM.normal(size=20_000) * 2
    answers = (RANDOM.random(20_000) < 1 / (1 + np.exp(-(scale * scores + shift)))).astype(float)
    found = fitted(scores, answers)
    assert found.scale == pytest.approx(scale, abs=0.15)
    assert found.shift == pytest.approx(shift, abs=0.15)


def test_scores_that_mislead_never_turn_the_order_around() -> None:
    scores = np.linspace(-3, 3, 200)
    assert fitted(scores, (scores < 0).astype(float)).scale > 0


class Judge:
    def predict(self, examples: list[JudgedQuery]) -> list[np.ndarray]:
        return [np.array([10.0 * each.gain - 10 for each in one.candidates], np.float32) for one in examples]


def test_calibration_needs_pairs_that_differ() -> None:
    judged = [JudgedQuery("q", (Candidate("a", 2.0), Candidate("b", 0.0)))] * 20
    found = calibration_of(Judge(), judged)
    assert found is not None
    relevances = 1 / (1 + np.exp(-(found.scale * np.array([10.0, -10.0]) + found.shift)))
    assert relevances[0] > 0.9
    assert relevances[1] < 0.1
    assert calibration_of(Judge(), judged[:3]) is None
    assert calibration_of(Judge(), [JudgedQuery("q", (Candidate("a", 1.0),))] * 40) is None
    assert calibration_of(Judge(), [Plain("text")] * 40) is None
