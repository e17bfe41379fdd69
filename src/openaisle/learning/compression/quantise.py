"""A float32 graph with its large matrices in fewer bits.

int8: weights per output channel, activations per token ("vector-wise quantisation", Dettmers et al. 2022, LLM.int8(),
section 2.1). A scale for each token instead of one for the whole batch costs a tenth of the speed, and means that a
text's vector does not depend on the texts it is encoded with.

4bit: weights in blocks of 32 with a half-precision scale; the runtime rounds activations to int8 (MatMulNBits).

packed: 4bit in the file, int8 at work: the folder is as small as the one and runs as fast as the other. Tables, of
which few rows are read at a time, stay in 4 bits, and so do the matrices of attention's values: what is rounded there
goes straight into the mean of a text, and was half of the whole error for a twelfth of the products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from openaisle.learning.compression.blocks import BLOCK, four_bits, int8_rows
from openaisle.learning.compression.nodes import FUSED, Nodes
from openaisle.learning.compression.trunk import VALUES
from openaisle.models.packed import COLUMNS, INTEGERS, LARGEST_WEIGHT, NIBBLES, QUANTISED, SCALES, STEPS, Matrix

Numbers = Literal["none", "int8", "4bit", "packed"]

_LEAST_SIDE = 32
"""Narrower matrices and tables stay: they weigh nothing, and a head's last layer is the most sensitive one."""
_LEAST_ROWS = 600
"""Shorter tables stay: positions and token types."""
_LARGEST = 127
_ACCURACY = 4
"""MatMulNBits' level for int8 activations."""


class _Scheme(Protocol):
    def product(self, nodes: Nodes, name: str, matrix: NDArray[np.float32], x: str, output: str) -> None:
        """output = x times matrix (inner, outer)."""

    def rows(self, nodes: Nodes, name: str, table: NDArray[np.float32], ids: str, output: str) -> None:
        """output = the table's rows for ids, float32."""


def quantised(model: ModelProto, matrices: Numbers, tables: Numbers) -> ModelProto:
    """`model` with the constants that MatMul multiplies by, and the tables that Gather looks up, in other numbers."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes, written = Nodes(QUANTISED), []
    for node in model.graph.node:
        constant = _held(node, constants)
        scheme = _SCHEMES[tables] if node.op_type == "Gather" else _scheme(matrices, constant)
        if constant is None or scheme is None:
            written.append(node)
            continue
        values = numpy_helper.to_array(constant)
        if node.op_type == "Gather":
            scheme.rows(nodes, constant.name, values, node.input[1], node.output[0])
        else:
            scheme.product(nodes, constant.name, values, node.input[0], node.output[0])
        written += nodes.nodes
        nodes.nodes = []
    return _replaced(model, written, constants | nodes.constants, nodes.packed)


def _scheme(numbers: Numbers, matrix: TensorProto | None) -> _Scheme | None:
    sensitive = matrix is not None and matrix.name.endswith(VALUES)
    return _SCHEMES["4bit" if numbers == "packed" and sensitive else numbers]


def _held(node: NodeProto, constants: dict[str, TensorProto]) -> TensorProto | None:
    """The matrix or table of a node that is worth quantising."""
    if node.op_type == "MatMul":
        held = constants.get(node.input[1])
        return held if held is not None and _is_floats(held) and min(held.dims) >= _LEAST_SIDE else None
    if node.op_type == "Gather" and all(attribute.name != "axis" or attribute.i == 0 for attribute in node.attribute):
        held = constants.get(node.input[0])
        return held if held is not None and _is_floats(held) and _is_large(held) else None
    return None


def _is_large(table: TensorProto) -> bool:
    return bool(table.dims[0] >= _LEAST_ROWS and table.dims[1] >= _LEAST_SIDE)


def _is_floats(tensor: TensorProto) -> bool:
    return tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2


@dataclass(frozen=True, slots=True)
class _Int8:
    def product(self, nodes: Nodes, name: str, matrix: NDArray[np.float32], x: str, output: str) -> None:
        _int8_product(nodes, name, *int8_rows(np.ascontiguousarray(matrix.T), LARGEST_WEIGHT), x=x, output=output)

    def rows(self, nodes: Nodes, name: str, table: NDArray[np.float32], ids: str, output: str) -> None:
        integers, scales = int8_rows(table, _LARGEST)
        found = nodes.op("Gather", nodes.constant(f"{name}.int8", integers), ids)
        scale = nodes.op("Gather", nodes.constant(f"{name}.scales", scales[:, None]), ids)
        nodes.put("Mul", (nodes.op("Cast", found, to=TensorProto.FLOAT), scale), output)


def _int8_product(
    nodes: Nodes, name: str, integers: NDArray[np.int8], scales: NDArray[np.float32], *, x: str, output: str
) -> None:
    """output = x times the matrix that has these rows (outer, inner) and their scales."""
    rounded, largest = _rounded(nodes, x)
    step = nodes.constant("step", np.array(1 / _LARGEST, np.float32))
    multiplied = nodes.op(
        "MatMulIntegerToFloat",
        rounded,
        nodes.constant(f"{name}{INTEGERS}", integers.T),
        step,
        nodes.constant(f"{name}{SCALES}", scales),
        nodes.constant("middle", np.array(128, np.uint8)),
    )
    nodes.put("Mul", (multiplied, largest), output)


def _rounded(nodes: Nodes, x: str) -> tuple[str, str]:
    """x in uint8 around 128, each token by its largest value, and those values: made once for all products of x."""
    largest, rounded = f"{x}/largest", f"{x}/rounded"
    if rounded in nodes.made:
        return rounded, largest
    nodes.made.add(rounded)
    # both ends are looked for in x as it is: its absolute values would have to be written first
    high = nodes.op("ReduceMax", x, axes=[-1], keepdims=1)
    low = nodes.op("Neg", nodes.op("ReduceMin", x, axes=[-1], keepdims=1))
    nodes.put("Max", (high, low, nodes.constant("least", np.array(1e-12, np.float32))), largest)
    scaled = nodes.op("Mul", x, nodes.op("Reciprocal", largest))
    step = nodes.constant("step", np.array(1 / _LARGEST, np.float32))
    nodes.put("QuantizeLinear", (scaled, step, nodes.constant("middle", np.array(128, np.uint8))), rounded)
    return rounded, largest


@dataclass(frozen=True, slots=True)
class _FourBit:
    def product(self, nodes: Nodes, name: str, matrix: NDArray[np.float32], x: str, output: str) -> None:
        inner, outer = matrix.shape
        held = four_bits(np.ascontiguousarray(matrix.T))
        # half precision in the file; the runtime folds the cast away when it loads the graph
        scales = nodes.op("Cast", nodes.constant(f"{name}.scales", held.scales.reshape(-1)), to=TensorProto.FLOAT)
        packed = nodes.constant(f"{name}.4bit", held.packed)
        inputs, about = (x, packed, scales), {"bits": 4, "block_size": BLOCK, "accuracy_level": _ACCURACY}
        nodes.put("MatMulNBits", inputs, output, K=inner, N=outer, **about)

    def rows(self, nodes: Nodes, name: str, table: NDArray[np.float32], ids: str, output: str) -> None:
        held = four_bits(table)
        packed = nodes.constant(f"{name}.4bit", held.packed.reshape(len(table), -1))
        inputs = (packed, ids, nodes.constant(f"{name}.scales", held.scales))
        about = {"bits": 4, "block_size": BLOCK, "gather_axis": 0, "quantize_axis": 1}
        found = nodes.op("Cast", nodes.op("GatherBlockQuantized", *inputs, **about), to=TensorProto.FLOAT)
        if table.shape[1] % BLOCK:
            ends = (nodes.constant(f"{name}.{part}", np.array([at])) for part, at in (("0", 0), ("n", table.shape[1])))
            nodes.put("Slice", (found, *ends, nodes.constant("last", np.array([-1]))), output)
        else:
            nodes.put("Identity", (found,), output)


@dataclass(frozen=True, slots=True)
class _Packed(_FourBit):
    def product(self, nodes: Nodes, name: str, matrix: NDArray[np.float32], x: str, output: str) -> None:
        held = four_bits(np.ascontiguousarray(matrix.T))
        integers, scales = Matrix(held.packed, held.scales, matrix.shape[0]).int8()
        _int8_product(nodes, name, integers, scales, x=x, output=output)
        parts = ((NIBBLES, held.packed), (STEPS, held.scales), (COLUMNS, np.array(matrix.shape[0])))
        for part, values in parts:
            nodes.pack(f"{name}{part}", values)


_SCHEMES: dict[Numbers, _Scheme | None] = {"none": None, "int8": _Int8(), "4bit": _FourBit(), "packed": _Packed()}


def _replaced(
    model: ModelProto, nodes: list[NodeProto], constants: dict[str, TensorProto], packed: dict[str, TensorProto]
) -> ModelProto:
    """The model with these nodes, with those of the constants that they use, and with all that are packed."""
    used = {name for node in nodes for name in node.input}
    kept = [tensor for name, tensor in constants.items() if name in used] + list(packed.values())
    graph = helper.make_graph(nodes, model.graph.name, list(model.graph.input), list(model.graph.output), kept)
    opsets = {opset.domain: opset for opset in model.opset_import}
    opsets[FUSED] = helper.make_opsetid(FUSED, 1)
    return helper.make_model(
        graph, opset_imports=list(opsets.values()), ir_version=model.ir_version, producer_name=model.producer_name
    )
