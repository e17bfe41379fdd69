"""The transformer of BERT's family as an ONNX graph of ONNX Runtime's fused operators: ids and mask in, states out.

Written node by node instead of traced: the fused attention and normalisation are what make it fast on a processor, and
every matrix keeps a name by which it can be quantised. What is not exactly this architecture is left to `tracing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from torch import Tensor, nn

from openaisle.learning.compression.nodes import Nodes

_KINDS = {"BertModel", "RobertaModel", "XLMRobertaModel", "CamembertModel"}
_OFFSET_KINDS = _KINDS - {"BertModel"}
"""These number positions from behind the padding's id."""

VALUES = ".v.weight"
"""How the name of a matrix of attention's values ends."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """A transformer whose architecture is known to the last module. `types` tells that second texts are marked."""

    model: Any
    heads: int
    epsilon: float
    first_position: int
    types: bool

    @property
    def positions(self) -> int:
        """Tokens that it can place."""
        return int(self.model.config.max_position_embeddings) - self.first_position


def known_trunk(model: nn.Module, types: bool) -> Trunk | None:
    """`model` as a trunk, None when anything about it is not plain BERT: adapters, hooks, another activation."""
    config: Any = getattr(model, "config", None)
    if type(model).__name__ not in _KINDS or config.hidden_act != "gelu" or not _is_plain(model):
        return None
    offset = int(config.pad_token_id) + 1 if type(model).__name__ in _OFFSET_KINDS else 0
    marked = types and config.type_vocab_size > 1
    return Trunk(model, config.num_attention_heads, config.layer_norm_eps, offset, marked)


def _is_plain(model: nn.Module) -> bool:
    if getattr(model.config, "position_embedding_type", None) not in (None, "absolute"):
        return False
    if getattr(model.config, "is_decoder", False):
        return False
    simple = {"Linear", "Embedding", "LayerNorm", "Dropout", "GELUActivation", "Tanh"}
    stem = type(model).__name__.removesuffix("Model")
    for name, module in model.named_modules():
        kind = type(module).__name__
        if module._forward_hooks or module._forward_pre_hooks or (kind in simple and any(module.children())):
            return False
        if not (kind in simple or kind == "ModuleList" or kind.startswith(stem)):
            return False
        if name and name.partition(".")[0] not in {"embeddings", "encoder", "pooler"}:
            return False
    return True


def states(nodes: Nodes, trunk: Trunk) -> str:
    """The name of the last layer's states, float32 (texts, tokens, width)."""
    x = _embedded(nodes, trunk)
    mask = nodes.op("Cast", "attention_mask", to=TensorProto.INT32)
    for number, layer in enumerate(trunk.model.encoder.layer):
        x = _layer(nodes, trunk, f"l{number}", layer, x=x, mask=mask)
    return x


def _embedded(n: Nodes, trunk: Trunk) -> str:
    table = trunk.model.embeddings
    words = n.op("Gather", n.constant("embeddings.words", _array(table.word_embeddings.weight)), "input_ids")
    positions = _array(table.position_embeddings.weight)[trunk.first_position :]
    types = _array(table.token_type_embeddings.weight)
    # where every token is of type 0, the type's row is part of each position's
    places = n.constant("embeddings.places", positions if trunk.types else positions + types[0])
    length = n.op("Shape", "input_ids", start=1, end=2)
    placed = n.op("Slice", places, n.constant("start", np.array([0])), length, n.constant("axis", np.array([0])))
    summed = n.op("Add", words, placed)
    if trunk.types:
        summed = n.op("Add", summed, n.op("Gather", n.constant("embeddings.types", types), "token_type_ids"))
    norm = _norm(n, "embeddings.norm", table.LayerNorm)
    return n.op("LayerNormalization", summed, *norm, axis=-1, epsilon=trunk.epsilon)


def _layer(n: Nodes, trunk: Trunk, name: str, layer: Any, *, x: str, mask: str) -> str:
    attention = layer.attention.self
    parts = (attention.query, attention.key, attention.value)
    q, k, v = (_product(n, f"{name}.{short}", part, x) for short, part in zip("qkv", parts, strict=True))
    biases = n.constant(f"{name}.qkv.bias", np.concatenate([_array(part.bias) for part in parts]))
    mixed = n.op("MultiHeadAttention", q, k, v, biases, mask, num_heads=trunk.heads)
    x = _joined(n, trunk, f"{name}.attended", layer.attention.output, x=mixed, residual=x)
    wide = _product(n, f"{name}.wide", layer.intermediate.dense, x)
    bent = n.op("BiasGelu", wide, n.constant(f"{name}.wide.bias", _array(layer.intermediate.dense.bias)))
    return _joined(n, trunk, f"{name}.narrow", layer.output, x=bent, residual=x)


def _joined(n: Nodes, trunk: Trunk, name: str, output: Any, *, x: str, residual: str) -> str:
    product = _product(n, name, output.dense, x)
    bias = n.constant(f"{name}.bias", _array(output.dense.bias))
    norm = _norm(n, f"{name}.norm", output.LayerNorm)
    # ONNX Runtime's operator for both at once, SkipLayerNormalization, takes several times as long on a processor
    return n.op("LayerNormalization", n.op("Sum", product, residual, bias), *norm, axis=-1, epsilon=trunk.epsilon)


def _product(n: Nodes, name: str, linear: Any, x: str) -> str:
    return n.op("MatMul", x, n.constant(f"{name}.weight", _array(linear.weight).T))


def _norm(n: Nodes, name: str, norm: Any) -> tuple[str, str]:
    return n.constant(f"{name}.weight", _array(norm.weight)), n.constant(f"{name}.bias", _array(norm.bias))


def _array(tensor: Tensor) -> NDArray[np.float32]:
    values: NDArray[np.float32] = tensor.detach().cpu().float().numpy()
    return values
