"""Models of other kinds than encoders, small enough to say by hand what they answer.

A piece is a word; its number in `WORDS` decides what it counts. Written as ONNX folders.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tiny_model import write_manifest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ["[S]", "[E]", "[?]", "red", "blue", "mug", "shoe", "acme", "bad"]
MAX_TOKENS = 32


def write_reranker(folder: Path, values: dict[str, float], **manifest: object) -> Path:
    """The score of a pair is the sum of its words' values; `types` weighs the words of the second text by 2."""
    table = np.array([[values.get(word, 0.0)] for word in WORDS], np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["each"]),
        helper.make_node("Squeeze", ["each", "last"], ["flat"]),
        helper.make_node("Add", ["attention_mask", "token_type_ids"], ["weight"]),
        helper.make_node("Mul", ["weight", "attention_mask"], ["seen"]),
        helper.make_node("Cast", ["seen"], ["weights"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["flat", "weights"], ["weighed"]),
        helper.make_node("ReduceSum", ["weighed", "last"], ["scores"], keepdims=0),
    ]
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    _write(folder, nodes, table, inputs, ("scores", ["texts"]), {"kind": "reranker", "dimensions": 1} | manifest)
    return folder


def write_classifier(folder: Path, table: NDArray[np.float32], names: list[str], **manifest: object) -> Path:
    """The logits of a text are the sums of its words' rows."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["seen"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["seen", "last"], ["weights"]),
        helper.make_node("Mul", ["each", "weights"], ["weighed"]),
        helper.make_node("ReduceSum", ["weighed", "tokens"], ["logits"], keepdims=0),
    ]
    stated = {"kind": "classifier", "dimensions": len(names), "labels": names} | manifest
    _write(folder, nodes, table, ("input_ids", "attention_mask"), ("logits", ["texts", table.shape[1]]), stated)
    return folder


def write_tagger(folder: Path, tags: dict[str, str]) -> Path:
    """Every word has the tag that `tags` gives it, O without."""
    labels = ["O", *sorted(set(tags.values()))]
    table = np.array([[5.0 * (tags.get(word, "O") == label) for label in labels] for word in WORDS], np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["seen"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["seen", "last"], ["weights"]),
        helper.make_node("Mul", ["each", "weights"], ["logits"]),
    ]
    stated = {"kind": "tagger", "dimensions": len(labels), "labels": labels}
    outputs = ("logits", ["texts", "tokens", len(labels)])
    _write(folder, nodes, table, ("input_ids", "attention_mask"), outputs, stated)
    return folder


def _write(
    folder: Path,
    nodes: list[onnx.NodeProto],
    table: NDArray[np.float32],
    inputs: tuple[str, ...],
    output: tuple[str, list[str | int]],
    stated: dict[str, object],
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    constants = {"table": table, "last": np.array([-1]), "tokens": np.array([1])}
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in inputs],
        [helper.make_tensor_value_info(output[0], TensorProto.FLOAT, output[1])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), folder / "model.onnx"
    )
    _word_tokenizer().save(str(folder / "tokenizer.json"))
    write_manifest(
        folder, **{"max_tokens": MAX_TOKENS, "query_prefix": "", "document_prefix": "", "pooling": "mean"} | stated
    )


def _word_tokenizer() -> Tokenizer:
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[?]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[S] $A [E]", pair="[S] $A [E] $B:1 [E]:1", special_tokens=[("[S]", 0), ("[E]", 1)]
    )
    return tokenizer
