"""Fewer bits: near the values, and the same for a text whatever it is run with."""

from __future__ import annotations

import numpy as np
import pytest
from heads_of_tasks import head_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from openaisle.learning.backbones import Backbone
from openaisle.learning.compression.blocks import BLOCK, four_bits, int8_rows
from openaisle.learning.compression.graph import head_graph
from openaisle.learning.compression.quantise import quantised
from openaisle.learning.compression.running import of_graph, rows_of
from openaisle.learning.heads.reading import Reader

numbers = st.floats(-1000, 1000, width=32)
matrices = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=70), elements=numbers)
TEXTS = ["red mug", "a blue desk lamp with a long arm and a heavy foot", "shoe", "ceramic cup, 300 ml, dishwasher safe"]


@settings(max_examples=40, deadline=None)
@given(matrices)
def test_four_bits_are_within_a_step(matrix: np.ndarray) -> None:
    held = four_bits(matrix)
    back = held.floats()[:, : matrix.shape[1]]
    blocks = -(-matrix.shape[1] // BLOCK)
    whole = np.zeros((len(matrix), blocks * BLOCK), np.float32)
    whole[:, : matrix.shape[1]] = matrix
    largest = np.repeat(np.abs(whole).reshape(len(matrix), blocks, BLOCK).max(axis=2), BLOCK, axis=1)
    assert (np.abs(back - matrix) <= largest[:, : matrix.shape[1]] / 4 + 1e-4).all()


@settings(max_examples=40, deadline=None)
@given(matrices)
def test_int8_rows_are_within_half_a_step(matrix: np.ndarray) -> None:
    integers, scales = int8_rows(matrix, 127)
    assert np.abs(integers.astype(int)).max() <= 127
    assert (np.abs(integers * scales[:, None] - matrix) <= scales[:, None] * 0.5001 + 1e-6).all()


def test_packed_values_are_where_the_runtime_looks() -> None:
    held = four_bits(np.arange(64, dtype=np.float32).reshape(1, 64))
    assert (held.packed[0, 1, 3] & 15, held.packed[0, 1, 3] >> 4) == (held.nibbles[0, 1, 6], held.nibbles[0, 1, 7])


@pytest.mark.parametrize("matrices", ["int8", "4bit"])
def test_a_text_is_the_same_alone_and_in_a_batch(backbone: Backbone, matrices: str) -> None:
    head = head_of("match", backbone)
    graph = quantised(head_graph(head.module.eval(), "vectors", False), matrices, matrices)
    rows = rows_of(Reader(head.tokenizer, 32, 1), TEXTS, pairs=False)
    together = of_graph(graph, rows)
    for row, vector in zip(rows, together, strict=True):
        np.testing.assert_allclose(of_graph(graph, [row])[0], vector, atol=1e-4)


def test_the_parts_asked_for_are_quantised_and_no_others(backbone: Backbone) -> None:
    model = head_graph(head_of("match", backbone).module.eval(), "vectors", False)
    kinds = {name: _sizes(quantised(model, *name)) for name in (("none", "none"), ("int8", "none"), ("none", "4bit"))}
    assert _operators(quantised(model, "none", "none")) == _operators(model)
    assert kinds["int8", "none"] < kinds["none", "none"]
    assert kinds["none", "4bit"] < kinds["none", "none"]
    assert "MatMulIntegerToFloat" not in _operators(quantised(model, "none", "4bit"))
    assert "GatherBlockQuantized" not in _operators(quantised(model, "int8", "none"))
    # six matrices a layer, the input of query, key and value rounded once
    counted = _operators(quantised(model, "int8", "none"))
    assert counted.count("MatMulIntegerToFloat") == 2 * 6
    assert counted.count("QuantizeLinear") == 2 * 4


def _operators(model: object) -> list[str]:
    return [node.op_type for node in model.graph.node]  # type: ignore[attr-defined]


def _sizes(model: object) -> int:
    return len(model.SerializeToString())  # type: ignore[attr-defined]


def test_what_is_in_four_bits_stays_as_it_is() -> None:
    generator = np.random.default_rng(3)
    nibbles = generator.integers(-7, 8, (40, 3, BLOCK))
    nibbles[:, :, 0] = generator.choice([-8, -7, 7], (40, 3))
    scales = generator.uniform(0.001, 0.1, (40, 3, 1)).astype(np.float16) * generator.choice([-1, 1], (40, 3, 1))
    matrix = (nibbles * scales.astype(np.float32)).reshape(40, -1).astype(np.float32)
    np.testing.assert_array_equal(four_bits(matrix).floats(), matrix)
