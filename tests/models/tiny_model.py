"""A real, small transformer encoder with random weights, written as an ONNX folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

DIMENSIONS = 32
MAX_TOKENS = 64


def write_tiny_model(folder: Path, *, dimensions: int = DIMENSIONS, layers: int = 1, **manifest: object) -> Path:
    """Bytes in, `last_hidden_state` out: embeddings, positions and `layers` of masked self-attention and gelu."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_graph(dimensions, layers, np.random.default_rng(7)), folder / "model.onnx")
    _byte_tokenizer().save(str(folder / "tokenizer.json"))
    write_manifest(folder, dimensions=dimensions, **manifest)
    return folder


def write_manifest(folder: Path, **changes: object) -> None:
    stated: dict[str, object] = {
        "name": "tiny",
        "version": "1.0.0",
        "dimensions": DIMENSIONS,
        "max_tokens": MAX_TOKENS,
        "pooling": "mean",
        "query_prefix": "query: ",
        "document_prefix": "passage: ",
        "files": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in ("model.onnx", "tokenizer.json")
            if (folder / name).exists()
        },
    }
    (folder / "manifest.json").write_text(json.dumps(stated | changes))


def _byte_tokenizer() -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: index for index, piece in enumerate(["<s>", "<pad>", "</s>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def _graph(size: int, layers: int, random: np.random.Generator) -> onnx.ModelProto:
    weights = {
        "words": random.normal(size=(259, size)),
        "places": random.normal(size=(1024, size)) * 0.3,
        "scale": np.array(size**-0.5),
        "far": np.array(-1e4),
        "one": np.array(1.0),
    }
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["embedded"]),
        helper.make_node("Shape", ["input_ids"], ["length"], start=1, end=2),
        helper.make_node("Squeeze", ["length"], ["count"]),
        helper.make_node("Range", ["zero_i", "count", "one_i"], ["steps"]),
        helper.make_node("Gather", ["places", "steps"], ["placed"]),
        helper.make_node("Add", ["embedded", "placed"], ["h0"]),
        helper.make_node("Cast", ["attention_mask"], ["seen"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["one", "seen"], ["hidden"]),
        helper.make_node("Mul", ["hidden", "far"], ["flat_bias"]),
        helper.make_node("Unsqueeze", ["flat_bias", "axis"], ["bias"]),
    ]
    for layer in range(layers):
        nodes += _layer(layer, size, weights, random)
    nodes.append(helper.make_node("Identity", [f"h{layers}"], ["last_hidden_state"]))
    initializers = [
        numpy_helper.from_array(np.asarray(value, dtype=np.float32), name) for name, value in weights.items()
    ]
    initializers += [
        numpy_helper.from_array(np.array(0, dtype=np.int64), "zero_i"),
        numpy_helper.from_array(np.array(1, dtype=np.int64), "one_i"),
        numpy_helper.from_array(np.array([1], dtype=np.int64), "axis"),
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", size])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def _layer(layer: int, size: int, weights: dict[str, np.ndarray], random: np.random.Generator) -> list[onnx.NodeProto]:
    def name(part: str) -> str:
        return f"{part}{layer}"

    for part, shape in {
        "q": (size, size),
        "k": (size, size),
        "v": (size, size),
        "up": (size, 4 * size),
        "down": (4 * size, size),
    }.items():
        weights[name(part)] = random.normal(size=shape) * shape[0] ** -0.5
    weights[name("gain")], weights[name("shift")] = np.ones(size), np.zeros(size)
    node = helper.make_node
    state = name("h")
    return [
        node("MatMul", [state, name("q")], [name("Q")]),
        node("MatMul", [state, name("k")], [name("K")]),
        node("MatMul", [state, name("v")], [name("V")]),
        node("Transpose", [name("K")], [name("KT")], perm=[0, 2, 1]),
        node("MatMul", [name("Q"), name("KT")], [name("raw")]),
        node("Mul", [name("raw"), "scale"], [name("scaled")]),
        node("Add", [name("scaled"), "bias"], [name("masked")]),
        node("Softmax", [name("masked")], [name("heed")], axis=-1),
        node("MatMul", [name("heed"), name("V")], [name("mixed")]),
        node("Add", [state, name("mixed")], [name("a")]),
        node("MatMul", [name("a"), name("up")], [name("wide")]),
        node("Gelu", [name("wide")], [name("bent")]),
        node("MatMul", [name("bent"), name("down")], [name("narrow")]),
        node("Add", [name("a"), name("narrow")], [name("b")]),
        node("LayerNormalization", [name("b"), name("gain"), name("shift")], [f"h{layer + 1}"]),
    ]
