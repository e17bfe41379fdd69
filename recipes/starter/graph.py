"""Write the encoder as an ONNX graph: token ids and mask in, unit-length mean-pooled vectors out.

The layers use ONNX Runtime's fused operators (domain com.microsoft). How a matrix is held is the `Holding`'s business:
`FourBit` keeps the published blocks as they are, `Floats` expands them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from centring import Centres
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from source import BLOCK, Blocks, Shape, Source

_OPSETS = (helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1))
_CONTRIB = {"MatMulNBits", "MultiHeadAttention", "SkipLayerNormalization", "BiasGelu"}


@dataclass(slots=True)
class Builder:
    """Collects nodes and constants; every method gives the name of the value it made."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        output = f"{kind}_{len(self.nodes)}"
        domain = "com.microsoft" if kind in _CONTRIB else ""
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, domain=domain, **attributes))
        return output

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


class Holding(Protocol):
    def rows(self, builder: Builder, name: str, table: Blocks, ids: str) -> str:
        """The table's rows for ids (batch, tokens): float32, (batch, tokens, columns)."""

    def product(self, builder: Builder, name: str, matrix: Blocks, x: str) -> str:
        """x times the transposed matrix."""


class Finish(Protocol):
    def apply(self, builder: Builder, vectors: str) -> str:
        """What happens to the unit vectors (batch, hidden) at the end."""


@dataclass(frozen=True, slots=True)
class AsPublished:
    def apply(self, builder: Builder, vectors: str) -> str:
        return vectors


@dataclass(frozen=True, slots=True)
class Centred:
    """Less the mean of its language, unit length again. `scripts`: Han or Latin per piece, (pieces, 2)."""

    centres: Centres
    scripts: NDArray[np.uint8]

    def apply(self, builder: Builder, vectors: str) -> str:
        b, english = builder, self.centres.english
        marks = b.op("Gather", b.constant("scripts", self.scripts), "input_ids")
        tokens = b.constant("scripts.tokens", np.array([1]))
        counts = b.op("ReduceSum", b.op("Cast", marks, to=TensorProto.FLOAT), tokens, keepdims=0)
        both = b.op("ReduceSum", counts, b.constant("scripts.axis", np.array([1])), keepdims=1)
        han = b.op("Gather", counts, b.constant("han", np.array([0])), axis=1)
        share = b.op("Div", han, b.op("Max", both, b.constant("one", np.array(1, np.float32))))
        towards = b.constant("centre.towards_chinese", (self.centres.chinese - english)[None])
        centre = b.op("Add", b.op("Mul", share, towards), b.constant("centre.english", english[None]))
        return _unit(b, b.op("Sub", vectors, centre))


@dataclass(frozen=True, slots=True)
class FourBit:
    """The published blocks, bit for bit. Accuracy level 0 multiplies in float32, 4 rounds the activations to int8."""

    accuracy_level: int

    def rows(self, builder: Builder, name: str, table: Blocks, ids: str) -> str:
        b, (_, blocks, half) = builder, table.packed.shape
        shape = b.constant(f"{name}.halves", np.array([0, 0, blocks, half]))
        packed = b.op("Gather", b.constant(f"{name}.packed", table.packed.reshape(-1, blocks * half)), ids)
        low = b.op("BitwiseAnd", packed, b.constant(f"{name}.low_half", np.array(15, np.uint8)))
        high = b.op("BitShift", packed, b.constant(f"{name}.high_half", np.array(4, np.uint8)), direction="RIGHT")
        nibbles = b.op("Concat", b.op("Reshape", low, shape), b.op("Reshape", high, shape), axis=3)
        scales = b.op("Gather", b.constant(f"{name}.scales", table.scales[:, :, None]), ids)
        zero = b.constant(f"{name}.zero", np.array(8, np.float32))
        centred = b.op("Sub", b.op("Cast", nibbles, to=TensorProto.FLOAT), zero)
        values = b.op("Mul", centred, b.op("Cast", scales, to=TensorProto.FLOAT))
        return b.op("Reshape", values, b.constant(f"{name}.flat", np.array([0, 0, blocks * BLOCK])))

    def product(self, builder: Builder, name: str, matrix: Blocks, x: str) -> str:
        nibbles = matrix.nibbles()
        rows, blocks, _ = nibbles.shape
        packed = builder.constant(f"{name}.packed", nibbles[:, :, 0::2] | nibbles[:, :, 1::2] << 4)
        # half precision in the file; the runtime folds the cast away when it loads the graph
        halves = builder.constant(f"{name}.scales", matrix.scales.reshape(-1))
        scales = builder.op("Cast", halves, to=TensorProto.FLOAT)
        return builder.op(
            "MatMulNBits", x, packed, scales,
            K=blocks * BLOCK, N=rows, bits=4, block_size=BLOCK, accuracy_level=self.accuracy_level,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Floats:
    """The same values in float32: the yardstick for parity and speed."""

    def rows(self, builder: Builder, name: str, table: Blocks, ids: str) -> str:
        return builder.op("Gather", builder.constant(name, table.floats()), ids)

    def product(self, builder: Builder, name: str, matrix: Blocks, x: str) -> str:
        return builder.op("MatMul", x, builder.constant(name, matrix.floats().T))


def encoder(source: Source, table: Blocks, holding: Holding, finish: Finish) -> ModelProto:
    """input_ids, attention_mask: int64 (batch, tokens) -> sentence_embedding: float32 (batch, hidden), unit length."""
    builder, shape = Builder(), source.shape
    x = _embedded(builder, source, table, holding)
    mask = builder.op("Cast", "attention_mask", to=TensorProto.INT32)
    for layer in range(shape.layers):
        x = _layer(builder, source, holding, f"l{layer}", x=x, mask=mask)
    result = finish.apply(builder, _unit(builder, _pooled(builder, x)))
    builder.nodes.append(helper.make_node("Identity", [result], ["sentence_embedding"]))
    return _model(builder, shape)


def _embedded(b: Builder, source: Source, table: Blocks, holding: Holding) -> str:
    hidden = source.shape.hidden
    words = holding.rows(b, "emb.word", table, "input_ids")
    # every token is of type 0, so that the type's row is part of each position's
    positions = source.vector("emb.pos").reshape(-1, hidden) + source.vector("emb.type").reshape(-1, hidden)[0]
    length = b.op("Shape", "input_ids", start=1, end=2)
    start, axis = b.constant("start", np.array([0])), b.constant("rows", np.array([0]))
    used = b.op("Slice", b.constant("emb.pos", positions), start, length, axis)
    return b.op(
        "LayerNormalization", b.op("Add", words, used), *_norm(b, source, "emb.ln"),
        axis=-1, epsilon=source.shape.epsilon,
    )  # fmt: skip


def _layer(b: Builder, source: Source, holding: Holding, layer: str, *, x: str, mask: str) -> str:
    shape = source.shape

    def product(short: str, columns: int, inputs: str) -> str:
        return holding.product(b, f"{layer}.{short}.w", source.matrix(f"{layer}.{short}.w", columns), inputs)

    def bias(short: str) -> str:
        return b.constant(f"{layer}.{short}.b", source.vector(f"{layer}.{short}.b"))

    def joined(y: str, residual: str, norm: str, short: str) -> str:
        weights = _norm(b, source, f"{layer}.{norm}")
        return b.op("SkipLayerNormalization", y, residual, *weights, bias(short), epsilon=shape.epsilon)

    q, k, v = (product(short, shape.hidden, x) for short in "qkv")
    three = b.constant(f"{layer}.qkv.b", np.concatenate([source.vector(f"{layer}.{short}.b") for short in "qkv"]))
    attended = b.op("MultiHeadAttention", q, k, v, three, mask, num_heads=shape.heads)
    x = joined(product("ao", shape.hidden, attended), x, "aln", "ao")
    wide = b.op("BiasGelu", product("fi", shape.hidden, x), bias("fi"))
    return joined(product("fo", shape.feed_forward, wide), x, "oln", "fo")


def _norm(b: Builder, source: Source, name: str) -> tuple[str, str]:
    return tuple(b.constant(f"{name}.{part}", source.vector(f"{name}.{part}")) for part in "wb")  # type: ignore[return-value]


def _pooled(b: Builder, x: str) -> str:
    weights = b.op("Unsqueeze", b.op("Cast", "attention_mask", to=TensorProto.FLOAT), b.constant("last", np.array([2])))
    # a mean's divisor is one positive number for the whole vector: unit length takes it out again
    return b.op("ReduceSum", b.op("Mul", x, weights), b.constant("tokens", np.array([1])), keepdims=0)


def _unit(b: Builder, vectors: str) -> str:
    return b.op("LpNormalization", vectors, axis=-1, p=2)


def _model(b: Builder, shape: Shape) -> ModelProto:
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", shape.hidden])
    graph = helper.make_graph(b.nodes, "multilingual-e5-small", inputs, [output], b.constants)
    return helper.make_model(graph, opset_imports=list(_OPSETS), ir_version=10, producer_name="openaisle-starter")
