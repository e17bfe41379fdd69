"""Nearest neighbours under filters, against exact search, where there are enough vectors to need an index."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from openaisle.engines.embedded.stored import code, write_vectors
from openaisle.engines.embedded.vectors import Vectors, write_dense_index

COUNT, DIMENSIONS, CENTRES = 24_000, 48, 240
QUERIES, NEAREST = 100, 10
RNG_SEED = 11


@dataclass(frozen=True)
class Clustered:
    matrix: np.ndarray
    labels: np.ndarray
    queries: np.ndarray
    index: Vectors


def _unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def clustered(tmp_path_factory: pytest.TempPathFactory) -> Clustered:
    """A mixture of clusters that themselves lie in departments, as products do."""
    rng = np.random.default_rng(RNG_SEED)
    departments = rng.normal(size=(12, DIMENSIONS))
    centres = departments[np.arange(CENTRES) % 12] + 0.8 * rng.normal(size=(CENTRES, DIMENSIONS))
    labels = rng.integers(0, CENTRES, COUNT)
    matrix = _unit(centres[labels] + 0.7 * rng.normal(size=(COUNT, DIMENSIONS)))
    queries = _unit(matrix[rng.integers(0, COUNT, QUERIES)] + 0.05 * rng.normal(size=(QUERIES, DIMENSIONS)))
    folder = tmp_path_factory.mktemp("vectors")
    write_vectors(folder, code(matrix, "float32"), np.arange(COUNT, dtype=np.int32))
    write_dense_index(folder)
    index = Vectors.open(folder)
    assert index.index is not None
    return Clustered(matrix, labels, queries, index)


def recall(clustered: Clustered, allowed: np.ndarray | None) -> float:
    found = 0
    for query in clustered.queries:
        cosines = clustered.matrix @ query
        if allowed is not None:
            cosines[~allowed] = -2
        exact = np.argsort(-cosines)[:NEAREST]
        rows, _ = clustered.index.search(query, NEAREST, allowed)
        assert allowed is None or allowed[rows].all()
        assert len(rows) == NEAREST
        found += len(np.intersect1d(exact, rows))
    return found / (NEAREST * QUERIES)


def test_without_a_filter(clustered: Clustered) -> None:
    assert recall(clustered, None) >= 0.98


@pytest.mark.parametrize("share", [0.95, 0.7, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001])
def test_under_a_filter_that_has_nothing_to_do_with_meaning(clustered: Clustered, share: float) -> None:
    allowed = np.random.default_rng(1).random(COUNT) < share
    assert recall(clustered, allowed) >= 0.98


@pytest.mark.parametrize("departments", [6, 3, 1])
def test_under_a_filter_of_departments_the_query_is_not_in(clustered: Clustered, departments: int) -> None:
    """Where an index that visits the cells nearest to the query finds nothing at all."""
    allowed = clustered.labels % 12 < departments
    assert recall(clustered, allowed) >= 0.95


def test_under_a_filter_that_leaves_out_what_the_query_is_about(clustered: Clustered) -> None:
    found = 0
    for query in clustered.queries:
        cosines = clustered.matrix @ query
        allowed = clustered.labels % 12 != clustered.labels[np.argmax(cosines)] % 12
        cosines[~allowed] = -2
        rows, _ = clustered.index.search(query, NEAREST, allowed)
        assert allowed[rows].all()
        found += len(np.intersect1d(np.argsort(-cosines)[:NEAREST], rows))
    assert found / (NEAREST * QUERIES) >= 0.9


def test_a_page_of_200(clustered: Clustered) -> None:
    found = 0
    for query in clustered.queries:
        exact = np.argsort(-(clustered.matrix @ query))[:200]
        rows, cosines = clustered.index.search(query, 200, None)
        assert len(rows) == 200
        assert (np.diff(cosines) <= 0).all()
        found += len(np.intersect1d(exact, rows))
    assert found / (200 * QUERIES) >= 0.9


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_long_vectors_that_differ_in_some_directions_more_than_in_others(tmp_path: Path, share: float) -> None:
    rng = np.random.default_rng(5)
    count, dimensions = 8_000, 256
    spread = np.linspace(1, 0, dimensions) ** 2
    centres = rng.normal(size=(80, dimensions)) * spread
    matrix = centres[rng.integers(0, 80, count)] + 0.7 * rng.normal(size=(count, dimensions)) * spread
    matrix = _unit(matrix + 0.1)  # what all have in common
    write_vectors(tmp_path, code(matrix, "float32"), np.arange(count, dtype=np.int32))
    write_dense_index(tmp_path)
    vectors, allowed = Vectors.open(tmp_path), rng.random(count) < share
    found = 0
    for row in range(0, count, 100):
        exact = np.where(allowed, matrix @ matrix[row], -2)
        rows, _ = vectors.search(matrix[row], NEAREST, None if allowed.all() else allowed)
        found += len(np.intersect1d(np.argsort(-exact)[:NEAREST], rows))
    assert found >= 0.97 * NEAREST * (count // 100)  # neighbours this near to each other are told apart by rounding


@pytest.mark.parametrize("holders", ["first", "scattered", "none", "all"])
def test_rows_without_a_vector(tmp_path: Path, holders: str) -> None:
    rng = np.random.default_rng(3)
    rows = {"first": np.arange(30), "scattered": np.arange(5, 50, 2), "none": np.arange(0), "all": np.arange(50)}[
        holders
    ]
    matrix = _unit(rng.normal(size=(50, 8)))[rows]
    write_vectors(tmp_path, code(matrix, "float32"), rows.astype(np.int32))
    vectors, query = Vectors.open(tmp_path), _unit(rng.normal(size=(1, 8)))[0]
    allowed = rng.random(50) < 0.5
    exact = sorted(
        ((float(v @ query), int(row)) for v, row in zip(matrix, rows, strict=True) if allowed[row]), reverse=True
    )
    found, cosines = vectors.search(query, 7, allowed)
    assert [row for _, row in exact[:7]] == found.tolist()
    assert cosines == pytest.approx([cosine for cosine, _ in exact[:7]], abs=1e-3)
    asked = np.array([49, 0, 7, 31])
    known = dict(zip(rows.tolist(), (matrix @ query).tolist(), strict=True))
    right = [known.get(int(row), np.nan) for row in asked]
    assert vectors.cosines(asked, query) == pytest.approx(right, abs=1e-3, nan_ok=True)
