"""The starter put back into PyTorch stands where its ONNX encoder stands."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize

from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.models.onnx import OnnxEncoder
from openaisle.models.starter import starter_folder

TEXTS = [
    "red running shoes",
    "无线蓝牙耳机 降噪",
    "iPhone 15 手机壳 shockproof case",
    "12 V cordless drill",
    "茶",
    "4 x 100",
]


@pytest.fixture(scope="module")
def starter() -> Backbone:
    return open_backbone("starter", max_tokens=64)


def vectors(backbone: Backbone, texts: list[str]) -> NDArray[np.float32]:
    batch = backbone.tokenizer([backbone.query_prefix + text for text in texts], padding=True, return_tensors="pt")
    mask = batch["attention_mask"]
    with torch.inference_mode():
        states = backbone.model.eval()(batch["input_ids"], attention_mask=mask).last_hidden_state
        pooled = normalize((states * mask[:, :, None]).sum(dim=1), dim=-1)
        assert backbone.finish is not None
        return backbone.finish(pooled, batch["input_ids"], mask).numpy()


def test_vectors_are_those_of_the_onnx_encoder(starter: Backbone) -> None:
    onnx = OnnxEncoder.open(starter_folder(), threads=1).encode_queries(TEXTS)
    cosines = (vectors(starter, TEXTS) * onnx).sum(axis=1)
    assert cosines.min() > 0.995  # the runtime rounds matrices and activations to int8


def test_prefixes_and_licence_come_from_the_manifest(starter: Backbone) -> None:
    assert (starter.query_prefix, starter.document_prefix, starter.licence) == ("query: ", "query: ", "MIT")


def test_every_parameter_trains(starter: Backbone) -> None:
    assert all(parameter.requires_grad and parameter.dtype == torch.float32 for parameter in starter.model.parameters())


def test_layers_and_dropout_are_set() -> None:
    small = open_backbone("starter", max_tokens=64, dropout=0.0, layers=3)
    assert len(small.model.encoder.layer) == small.config.num_hidden_layers == 3
    assert {module.p for module in small.model.modules() if isinstance(module, torch.nn.Dropout)} == {0.0}
