"""Linear maps are found in every common family of encoders."""

from __future__ import annotations

import pytest
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertModel,
    MPNetConfig,
    MPNetModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from openaisle.errors import ModelError
from openaisle.learning.trainable import apply
from openaisle.learning.trainable.linears import (
    all_linears,
    keys_and_values,
    queries_and_values,
    second_of_feed_forward,
)

SIZES = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
SPECIAL = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "cls_token_id": 0, "sep_token_id": 2}


def family(name: str) -> nn.Module:
    if name == "bert":
        return BertModel(BertConfig(**SIZES), add_pooling_layer=False)
    if name == "xlm-roberta":
        return XLMRobertaModel(XLMRobertaConfig(**SIZES), add_pooling_layer=False)
    if name == "mpnet":
        return MPNetModel(MPNetConfig(**SIZES), add_pooling_layer=False)
    if name == "distilbert":
        return DistilBertModel(DistilBertConfig(vocab_size=50, dim=16, n_layers=2, n_heads=2, hidden_dim=32))
    return ModernBertModel(ModernBertConfig(**SIZES, **SPECIAL))


@pytest.mark.parametrize(
    ("name", "attention", "second"),
    [
        ("bert", "encoder.layer.1.attention.self.value", "encoder.layer.1.output.dense"),
        ("xlm-roberta", "encoder.layer.1.attention.self.value", "encoder.layer.1.output.dense"),
        ("mpnet", "encoder.layer.1.attention.attn.v", "encoder.layer.1.output.dense"),
        ("distilbert", "transformer.layer.1.attention.v_lin", "transformer.layer.1.ffn.lin2"),
        ("modernbert", "layers.1.attn.Wqkv", "layers.1.mlp.Wo"),
    ],
)
def test_maps_by_family(name: str, attention: str, second: str) -> None:
    backbone = family(name)
    assert second_of_feed_forward(backbone)[-1] == second
    assert len(second_of_feed_forward(backbone)) == 2
    assert attention in queries_and_values(backbone)
    assert attention in keys_and_values(backbone)
    assert {attention, second} <= set(all_linears(backbone))


@pytest.mark.parametrize("name", ["bert", "xlm-roberta", "mpnet", "distilbert", "modernbert"])
@pytest.mark.parametrize("what", ["last:1", "gradual", "adapter", "lora", "adalora", "ia3"])
def test_all_but_learned_tokens_take_every_family(name: str, what: str) -> None:
    backbone = family(name)
    module = nn.ModuleDict({"backbone": backbone, "scores": nn.Linear(16, 2)})
    counts = apply(what, module, backbone, learning_rate=1e-3, layer_decay=0.9, total_steps=20).counts
    assert 34 < counts.trainable <= counts.total


def test_unknown_attention_is_named() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList([nn.Sequential(nn.Linear(4, 4))])

    with pytest.raises(ModelError, match="Odd"):
        queries_and_values(Odd())
