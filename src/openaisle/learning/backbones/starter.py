"""The installed starter as a model to train: its constants put back into a float32 BERT and what stands behind it.

Matrices in blocks of four bits are expanded exactly, so that the model stands where the encoder stands, but for the
int8 rounding of the runtime.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from openaisle.errors import ModelError
from openaisle.learning.backbones.backbone import Backbone
from openaisle.learning.backbones.bag import Bag
from openaisle.learning.backbones.centring import Centring
from openaisle.learning.backbones.constants import Constants
from openaisle.learning.backbones.joining import Joining
from openaisle.models.manifest import TOKENIZER, read_manifest
from openaisle.models.starter import starter_folder

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "attended": "attention.output.dense",
    "attended.norm": "attention.output.LayerNorm",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "narrow.norm": "output.LayerNorm",
}
"""Parts of a layer: their names in the graph and in BERT."""
_TRUNK = "trunk/"
_FINISH = "end/module.finish."
_DROPOUT = 0.1
"""As in the pretraining of its ancestors; the graph itself knows none."""


def open_starter(max_tokens: int, dropout: float | None = None) -> Backbone:
    """The starter with its prefixes and its finish. Raises `ModelError` when it is missing or of another make."""
    folder = starter_folder()
    manifest = read_manifest(folder)
    try:
        constants = Constants.of(folder)
        model, finish = _model(constants, _DROPOUT if dropout is None else dropout), _finish(constants)
    except (LookupError, RuntimeError, ValueError) as error:
        raise ModelError(
            f"The starter {manifest.version} is not of a make that can be trained: {error}.",
            "Train from a folder or a Hugging Face name with safetensors.",
        ) from error
    return Backbone(
        model,
        _tokenizer(folder / TOKENIZER, max_tokens),
        "starter",
        _licence(folder),
        max_tokens,
        manifest.query_prefix,
        manifest.document_prefix,
        finish,
    )


def _model(constants: Constants, dropout: float) -> BertModel:
    weights = {name: _tensor(values) for name, values in _weights(constants)}
    words = weights["embeddings.word_embeddings.weight"]
    config = BertConfig(
        vocab_size=words.shape[0],
        hidden_size=words.shape[1],
        num_hidden_layers=sum(name.endswith("intermediate.dense.weight") for name in weights),
        num_attention_heads=int(constants.attributes["num_heads"]),
        intermediate_size=weights["encoder.layer.0.intermediate.dense.weight"].shape[0],
        max_position_embeddings=weights["embeddings.position_embeddings.weight"].shape[0],
        layer_norm_eps=float(constants.attributes["epsilon"]),
        type_vocab_size=1,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(weights, strict=True)
    return model


def _weights(constants: Constants) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """A BERT's state. Each position's row carries the only token type's, so that the type's own is 0."""
    positions = constants[f"{_TRUNK}embeddings.places"]
    yield "embeddings.word_embeddings.weight", constants[f"{_TRUNK}embeddings.words"]
    yield "embeddings.position_embeddings.weight", positions
    yield "embeddings.token_type_embeddings.weight", np.zeros((1, positions.shape[1]), np.float32)
    for part in ("weight", "bias"):
        yield f"embeddings.LayerNorm.{part}", constants[f"{_TRUNK}embeddings.norm.{part}"]
    layer = 0
    while f"{_TRUNK}l{layer}.qkv.bias" in constants:
        yield from _layer(constants, layer)
        layer += 1


def _layer(constants: Constants, layer: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    graph, bert = f"{_TRUNK}l{layer}", f"encoder.layer.{layer}"
    biases = dict(zip("qkv", np.split(constants[f"{graph}.qkv.bias"], 3), strict=True))
    for short, name in _LAYER.items():
        weight = constants[f"{graph}.{short}.weight"]
        yield f"{bert}.{name}.weight", weight.T  # a norm's has one dimension, which stays
        yield f"{bert}.{name}.bias", biases[short] if short in biases else constants[f"{graph}.{short}.bias"]


def _finish(constants: Constants) -> Joining:
    centring = Centring(
        *(_tensor(constants[f"{_FINISH}centring.{name}"]) for name in ("scripts", "english", "chinese"))
    )
    bag = Bag.of(_tensor(constants[f"{_FINISH}bag.table.weight"]))
    return Joining(centring, bag, float(constants[f"{_FINISH}share"][0]))


def _tensor(values: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values).copy())


def _tokenizer(path: Path, max_tokens: int) -> PreTrainedTokenizerFast:
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(path),
        bos_token="<s>",  # noqa: S106
        cls_token="<s>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
        sep_token="</s>",  # noqa: S106
        pad_token="<pad>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        model_max_length=max_tokens,
    )
    return tokenizer


def _licence(folder: Path) -> str:
    return str(json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("licence", "unknown"))
