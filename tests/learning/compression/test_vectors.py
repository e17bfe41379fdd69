"""Codes of vectors, cut vectors, parity and calibration: the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from openaisle.errors import ExportError, ModelError
from openaisle.learning.compression.calibration import calibration_of, fitted
from openaisle.learning.compression.matryoshka import cut
from openaisle.learning.compression.parity import compared, require
from openaisle.learning.compression.vectors import kept
from openaisle.learning.examples import Candidate, JudgedQuery, Plain

RANDOM = np.random.default_rng(3)


def unit(rows: int, dimensions: int) -> np.ndarray:
    vectors = RANDOM.normal(size=(rows, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_recall_of_codes_is_told() -> None:
    documents, queries = unit(3000, 128), unit(30, 128)
    full, int8, binary = (kept(queries, documents, numbers) for numbers in ("float32", "int8", "binary"))
    assert full.recall > 0.99
    assert full.difference < 1e-4
    assert int8.recall > 0.95
    assert 0 < int8.difference < 1e-3
    # random vectors are the hardest there are
    assert 0.2 < binary.recall < int8.recall
    assert int8.difference < binary.difference < 0.1
    assert [round(each.bytes_a_vector) for each in (full, int8, binary)] == [260, 132, 20]
    assert set(binary.as_dict()) == {"numbers", "bytes_a_vector", "recall@10", "mean_difference"}


def test_recall_needs_documents() -> None:
    with pytest.raises(ModelError, match="at least 10"):
        kept(unit(2, 8), unit(9, 8), "int8")
    with pytest.raises(ModelError, match="not finite"):
        kept(unit(2, 8), np.full((10, 8), np.nan, np.float32), "int8")


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
