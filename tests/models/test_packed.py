"""Packed matrices: what is unpacked is what was packed, and a damaged file is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from openaisle.errors import ModelError
from openaisle.models.packed import COLUMNS, FILE, INTEGERS, LARGEST_WEIGHT, NIBBLES, SCALES, STEPS, Matrix, unpacked


def _matrix(columns: int = 40) -> Matrix:
    generator = np.random.default_rng(1)
    packed = generator.integers(0, 256, (5, 2, 16), dtype=np.uint8)
    return Matrix(packed, generator.uniform(0.01, 0.1, (5, 2)).astype(np.float16), columns)


def _write(path: Path, matrix: Matrix) -> None:
    columns = np.array(matrix.columns)
    arrays = {f"m{NIBBLES}": matrix.packed, f"m{STEPS}": matrix.steps, f"m{COLUMNS}": columns}
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def test_values_are_read_low_half_first() -> None:
    one = Matrix(np.full((1, 1, 16), 0x1F, np.uint8), np.full((1, 1), 0.5, np.float16), 32)
    np.testing.assert_array_equal(one.floats()[0, :4], np.float32([3.5, -3.5, 3.5, -3.5]))


def test_the_columns_that_fill_the_last_block_are_left_out() -> None:
    assert _matrix(columns=40).floats().shape == (5, 40)


def test_integers_are_near_the_values() -> None:
    matrix = _matrix()
    integers, scales = matrix.int8()
    assert np.abs(integers.astype(int)).max() == LARGEST_WEIGHT
    assert (np.abs(integers * scales[:, None] - matrix.floats()) <= scales[:, None] * 0.5001).all()


def test_a_row_of_zeros_stays_one() -> None:
    integers, scales = Matrix(np.full((1, 1, 16), 0x88, np.uint8), np.ones((1, 1), np.float16), 32).int8()
    assert not integers.any()
    assert np.isfinite(scales).all()


def test_a_file_is_unpacked_as_the_graph_wants_it(tmp_path: Path) -> None:
    matrix = _matrix()
    _write(tmp_path / FILE, matrix)
    found = unpacked(tmp_path)
    assert set(found) == {f"m{INTEGERS}", f"m{SCALES}"}
    integers, scales = matrix.int8()
    np.testing.assert_array_equal(found[f"m{INTEGERS}"], integers.T)
    np.testing.assert_array_equal(found[f"m{SCALES}"], scales)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_a_foreign_file_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ModelError, match="no packed matrices"):
        unpacked(tmp_path)


def test_a_file_without_the_steps_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / FILE, **{f"m{NIBBLES}": _matrix().packed})  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="no packed matrices"):
        unpacked(tmp_path)


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / FILE, **{f"m{NIBBLES}": np.array([object()], dtype=object)})  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="no packed matrices"):
        unpacked(tmp_path)
