"""Shorter vectors from longer ones: the first dimensions, at unit length again (Kusupati et al. 2022, "Matryoshka
Representation Learning"). It pays for models that were trained so that their first dimensions say most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from openaisle.errors import ModelError

Vectors = NDArray[np.float32]
_LONG = "matryoshka/long"


def cut(vectors: Vectors, dimensions: int) -> Vectors:
    """(…, d) → (…, dimensions), unit length. Raises `ModelError` when there are not as many."""
    if not 1 <= dimensions <= vectors.shape[-1]:
        raise ModelError(
            f"Vectors of {vectors.shape[-1]} dimensions cannot be cut to {dimensions}.", "Lower dimensions."
        )
    short = vectors[..., :dimensions]
    lengths = np.linalg.norm(short, axis=-1, keepdims=True)
    shortened: Vectors = (short / np.maximum(lengths, 1e-12)).astype(np.float32)
    return shortened


def cut_graph(model: ModelProto, output: str, dimensions: int) -> ModelProto:
    """The same in a graph: `output` float32 (texts, d) becomes (texts, dimensions)."""
    graph = model.graph
    for node in graph.node:
        node.output[:] = [_LONG if name == output else name for name in node.output]
    ends = {"matryoshka/0": 0, "matryoshka/d": dimensions, "matryoshka/axis": 1}
    graph.initializer.extend(numpy_helper.from_array(np.array([value]), name) for name, value in ends.items())
    graph.node.append(helper.make_node("Slice", [_LONG, *ends], ["matryoshka/short"]))
    graph.node.append(helper.make_node("LpNormalization", ["matryoshka/short"], [output], axis=-1, p=2))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, ["texts", dimensions]))
    return model
