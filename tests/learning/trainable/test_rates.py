"""Learning rates by layer, and what is not decayed."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn
from transformers import BertConfig, BertModel, ModernBertConfig, ModernBertModel

from openaisle.learning.trainable.depths import depths
from openaisle.learning.trainable.rates import Rates, parameter_groups

SIZES = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32}


def module() -> nn.ModuleDict:
    bert = BertModel(BertConfig(**SIZES), add_pooling_layer=False)
    return nn.ModuleDict({"backbone": bert, "scores": nn.Linear(16, 2)})


def rate_of(groups: list[dict[str, Any]], parameter: nn.Parameter) -> tuple[float, float]:
    (found,) = [group for group in groups if any(one is parameter for one in group["params"])]
    return found["lr"], found["weight_decay"]


def test_each_layer_below_learns_more_slowly() -> None:
    made = module()
    backbone: Any = made["backbone"]
    groups = parameter_groups(made, backbone, Rates(1.0, 0.5, 0.1))
    assert rate_of(groups, made["scores"].weight) == (1.0, 0.1)
    assert [rate_of(groups, layer.output.dense.weight) for layer in backbone.encoder.layer] == [
        (0.125, 0.1),
        (0.25, 0.1),
        (0.5, 0.1),
    ]
    assert rate_of(groups, backbone.embeddings.word_embeddings.weight) == (0.0625, 0.1)


def test_biases_and_norms_are_not_decayed() -> None:
    made = module()
    groups = parameter_groups(made, made["backbone"], Rates(1.0, 1.0, 0.1))
    backbone: Any = made["backbone"]
    assert len(groups) == 2
    assert rate_of(groups, backbone.embeddings.LayerNorm.weight) == (1.0, 0.0)
    assert rate_of(groups, made["scores"].bias) == (1.0, 0.0)


@pytest.mark.parametrize("decay", [1.0, 0.9])
def test_every_weight_is_in_one_group(decay: float) -> None:
    made = module()
    groups = parameter_groups(made, made["backbone"], Rates(1.0, decay, 0.1))
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(grouped) == sorted(id(parameter) for parameter in made.parameters())


def test_frozen_weights_are_in_none() -> None:
    made = module()
    made["backbone"].requires_grad_(False)
    groups = parameter_groups(made, made["backbone"], Rates(1.0, 0.9, 0.1))
    assert sum(len(group["params"]) for group in groups) == 2


def test_a_last_norm_lies_above_the_layers() -> None:
    special = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "cls_token_id": 0, "sep_token_id": 2}
    depth = depths(ModernBertModel(ModernBertConfig(**SIZES, **special)))
    assert depth["final_norm.weight"] == 4
    assert depth["layers.2.mlp.Wo.weight"] == 3
    assert depth["embeddings.tok_embeddings.weight"] == 0
