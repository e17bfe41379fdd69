"""The written graph answers as the PyTorch model it was read from, whatever the batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
import torch
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    RobertaConfig,
    RobertaModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)

from openaisle.learning.compression.graph import head_graph
from openaisle.learning.compression.trunk import known_trunk

SIZES = {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
MODELS = {
    "bert": lambda: BertModel(BertConfig(**SIZES, max_position_embeddings=40), add_pooling_layer=False),
    "bert with a pooler": lambda: BertModel(BertConfig(**SIZES, max_position_embeddings=40)),
    "roberta": lambda: RobertaModel(RobertaConfig(**SIZES, max_position_embeddings=40, pad_token_id=1)),
    "xlm-roberta": lambda: XLMRobertaModel(
        XLMRobertaConfig(**SIZES, max_position_embeddings=40, pad_token_id=1, type_vocab_size=1)
    ),
}
OTHERS = {
    "distilbert": lambda: DistilBertModel(
        DistilBertConfig(vocab_size=50, dim=32, n_layers=2, n_heads=4, hidden_dim=48, max_position_embeddings=40)
    ),
    "another activation": lambda: BertModel(BertConfig(**SIZES, hidden_act="relu"), add_pooling_layer=False),
}


class Plain(nn.Module):
    """The states themselves, so that every number of the trunk is compared."""

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone

    def infer(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        return self.backbone(input_ids=input_ids, attention_mask=attention_mask, **types).last_hidden_state


def both(module: nn.Module, lengths: list[int], types: bool = False) -> tuple[Any, Any]:
    """States of texts of these lengths, by PyTorch and by the graph."""
    generator = torch.Generator().manual_seed(3)
    ids = torch.randint(5, 50, (len(lengths), max(lengths)), generator=generator)
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    ids = torch.where(mask.bool(), ids, 1)
    second = (torch.arange(max(lengths)) >= 3).long() * mask
    inputs = {"input_ids": ids, "attention_mask": mask} | ({"token_type_ids": second} if types else {})
    with torch.no_grad():
        expected = module.eval().infer(**inputs).numpy()
    session = ort.InferenceSession(head_graph(module, "states", types).SerializeToString())
    assert {item.name for item in session.get_inputs()} == set(inputs)
    found = session.run(None, {name: value.numpy() for name, value in inputs.items()})[0]
    real = mask.bool().numpy()
    return expected[real], found[real]


@pytest.mark.parametrize("name", [*MODELS, *OTHERS])
@pytest.mark.parametrize("lengths", [[7, 7], [1], [12, 3, 9]])
def test_the_graph_gives_the_model_s_states(name: str, lengths: list[int]) -> None:
    torch.manual_seed(5)
    expected, found = both(Plain((MODELS | OTHERS)[name]()), lengths)
    np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize("name", MODELS)
def test_known_architectures_are_written_with_fused_operators(name: str) -> None:
    graph = head_graph(Plain(MODELS[name]()), "states", False)
    assert sum(node.op_type == "MultiHeadAttention" for node in graph.graph.node) == SIZES["num_hidden_layers"]


@pytest.mark.parametrize("name", OTHERS)
def test_other_architectures_are_traced(name: str) -> None:
    assert known_trunk(OTHERS[name](), False) is None


def test_second_texts_are_marked_where_the_model_tells_them_apart() -> None:
    torch.manual_seed(5)
    expected, found = both(Plain(MODELS["bert"]()), [9, 6], types=True)
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_a_model_that_was_changed_is_not_taken_for_plain() -> None:
    hooked, adapted = MODELS["bert"](), MODELS["bert"]()
    hooked.encoder.layer[0].output.dense.register_forward_hook(lambda module, inputs, output: output * 2)
    adapted.encoder.layer[1].output.dense.adapter = nn.Linear(32, 32)
    assert known_trunk(MODELS["bert"](), False) is not None
    assert known_trunk(hooked, False) is None
    assert known_trunk(adapted, False) is None


def test_what_a_hook_adds_is_exported() -> None:
    torch.manual_seed(5)
    module = Plain(MODELS["bert"]())
    before, _ = both(module, [8, 4])
    module.backbone.encoder.layer[0].output.dense.register_forward_hook(lambda layer, inputs, output: output * 2)
    expected, found = both(module, [8, 4])
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert np.abs(before - expected).max() > 0.01
