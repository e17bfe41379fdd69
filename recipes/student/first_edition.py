"""The first edition of the starter as a model to train: its ONNX constants put back into a float32 BERT.

The graph holds matrices in blocks of 32 values of 4 bits with a half-precision scale, value = (nibble - 8) * scale;
they are expanded exactly, so that the model stands where the encoder stands, but for the int8 rounding of activations
that the runtime adds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from openaisle.errors import ModelError
from openaisle.learning.backbones.backbone import Backbone
from openaisle.learning.backbones.centring import Centring
from openaisle.models.manifest import MODEL, TOKENIZER, read_manifest

Constants = Mapping[str, NDArray[Any]]

_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_DROPOUT = 0.1
"""As in the pretraining of its ancestors; the graph itself knows none."""


def open_first_edition(folder: Path, max_tokens: int) -> Backbone:
    """The model in `folder` with its prefixes and its centring. Raises `ModelError` for one of another make."""
    manifest = read_manifest(folder)
    constants, attributes = _graph(folder / MODEL)
    try:
        model = _model(constants, attributes, _DROPOUT)
    except (KeyError, RuntimeError, ValueError) as error:
        raise ModelError(
            f"The starter {manifest.version} is not of a make that can be trained: {error}.",
            "Give the data folder of openaisle-starter 1.0.0.",
        ) from error
    return Backbone(
        model,
        _tokenizer(folder / TOKENIZER, max_tokens),
        "openaisle-starter 1.0.0",
        _licence(folder),
        max_tokens,
        manifest.query_prefix,
        manifest.document_prefix,
        _centring(constants),
    )


def _graph(path: Path) -> tuple[Constants, Mapping[str, float]]:
    """The graph's constants by name, and the two numbers of its operators: `num_heads` and `epsilon`."""
    import onnx

    graph = onnx.load(path).graph
    attributes: dict[str, float] = {}
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name in ("num_heads", "epsilon"):
                attributes[attribute.name] = onnx.helper.get_attribute_value(attribute)
    return {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}, attributes


def _model(constants: Constants, attributes: Mapping[str, float], dropout: float) -> BertModel:
    weights = _weights(constants)
    words, positions = weights["embeddings.word_embeddings.weight"], weights["embeddings.position_embeddings.weight"]
    config = BertConfig(
        vocab_size=words.shape[0],
        hidden_size=words.shape[1],
        num_hidden_layers=sum(name.endswith("intermediate.dense.weight") for name in weights),
        num_attention_heads=int(attributes["num_heads"]),
        intermediate_size=weights["encoder.layer.0.intermediate.dense.weight"].shape[0],
        max_position_embeddings=positions.shape[0],
        layer_norm_eps=float(attributes["epsilon"]),
        type_vocab_size=1,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(weights, strict=True)
    return model


def _weights(constants: Constants) -> dict[str, Tensor]:
    """A BERT's state by its names. Each position's row carries the only token type's, so that the type's own is 0."""
    positions = constants["emb.pos"]
    state: dict[str, NDArray[Any]] = {
        "embeddings.word_embeddings.weight": _table(constants["emb.word.packed"], constants["emb.word.scales"]),
        "embeddings.position_embeddings.weight": positions,
        "embeddings.token_type_embeddings.weight": np.zeros((1, positions.shape[1]), np.float32),
        "embeddings.LayerNorm.weight": constants["emb.ln.w"],
        "embeddings.LayerNorm.bias": constants["emb.ln.b"],
    }
    layer = 0
    while f"l{layer}.qkv.b" in constants:
        state |= _layer(constants, layer)
        layer += 1
    return {name: torch.from_numpy(np.ascontiguousarray(values, np.float32).copy()) for name, values in state.items()}


def _layer(constants: Constants, layer: int) -> dict[str, NDArray[Any]]:
    state = {}
    for short, name in _PARTS.items():
        target, source = f"encoder.layer.{layer}.{name}", f"l{layer}.{short}"
        if short in ("aln", "oln"):
            state[f"{target}.weight"] = constants[f"{source}.w"]
        else:
            state[f"{target}.weight"] = _matrix(constants[f"{source}.w.packed"], constants[f"{source}.w.scales"])
        state[f"{target}.bias"] = _bias(constants, layer, short)
    return state


def _bias(constants: Constants, layer: int, short: str) -> NDArray[Any]:
    if short in "qkv":
        return np.split(constants[f"l{layer}.qkv.b"], 3)["qkv".index(short)]
    return constants[f"l{layer}.{short}.b"]


def _table(packed: NDArray[np.uint8], scales: NDArray[np.float16]) -> NDArray[np.float32]:
    """(rows, blocks * 16) bytes, (rows, blocks, 1) scales; byte i of a block holds values i and i + 16."""
    bytes_ = packed.reshape(*scales.shape[:2], -1)
    nibbles = np.concatenate([bytes_ & 15, bytes_ >> 4], axis=2)
    return _values(nibbles, scales)


def _matrix(packed: NDArray[np.uint8], scales: NDArray[np.float16]) -> NDArray[np.float32]:
    """(rows, blocks, 16) bytes, (rows * blocks,) scales; byte i of a block holds values 2i and 2i + 1."""
    nibbles = np.stack([packed & 15, packed >> 4], axis=3).reshape(*packed.shape[:2], -1)
    return _values(nibbles, scales.reshape(*packed.shape[:2], 1))


def _values(nibbles: NDArray[np.uint8], scales: NDArray[np.float16]) -> NDArray[np.float32]:
    values = (nibbles.astype(np.float32) - 8) * scales.astype(np.float32)
    return values.reshape(len(values), -1)


def _centring(constants: Constants) -> Centring | None:
    if "scripts" not in constants:
        return None
    english = constants["centre.english"][0]
    chinese = english + constants["centre.towards_chinese"][0]
    tensors = (torch.from_numpy(values.copy()) for values in (constants["scripts"], english, chinese))
    return Centring(*tensors)


def _tokenizer(path: Path, max_tokens: int) -> PreTrainedTokenizerFast:
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(path),
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=max_tokens,
    )
    return tokenizer


def _licence(folder: Path) -> str:
    return str(json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("licence", "unknown"))
