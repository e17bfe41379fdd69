"""A shallow model over windows of pieces is a backbone like any other, only that it speaks of whole texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.backbones.convolutions import Convolutions, ConvolutionsConfig, ConvolutionsModel
from openaisle.learning.compression.distil import DistilHead
from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.compression.targets import join
from openaisle.learning.examples import Plain
from openaisle.learning.heads import HeadOptions, load_head
from openaisle.learning.losses.embedding_distillation import EmbeddingDistillation
from openaisle.models.onnx import OnnxEncoder

PAIRS = (Plain("red mug", "红色 马克杯"), Plain("blue dress", "蓝色 连衣裙"), Plain("desk lamp"))
TEXTS = ["red mug", "红色 马克杯", "blue dress", "蓝色 连衣裙", "desk lamp"]


@pytest.fixture
def shallow(tiny_base: Path) -> Backbone:
    torch.manual_seed(5)
    plain = open_backbone(str(tiny_base), max_tokens=32)
    sizes = {"columns": 8, "hidden_size": 16, "channels": 8, "narrow": 12}
    config = ConvolutionsConfig(len(plain.tokenizer), pad_token_id=plain.tokenizer.pad_token_id, **sizes)
    return replace(plain, model=ConvolutionsModel(config), folder=None)


def _convolutions() -> Convolutions:
    torch.manual_seed(5)
    return Convolutions(pieces=20, columns=8, width=16, channels=8, narrow=12)


def test_padding_changes_nothing() -> None:
    read = _convolutions()
    alone = read(torch.tensor([[5, 9, 7]]), torch.tensor([[1, 1, 1]]))
    torch.testing.assert_close(read(torch.tensor([[5, 9, 7, 3, 4]]), torch.tensor([[1, 1, 1, 0, 0]])), alone)
    torch.testing.assert_close(alone.norm(dim=-1), torch.ones(1))


def test_neighbours_count() -> None:
    read = _convolutions()
    mask = torch.ones(2, 4, dtype=torch.int64)
    one, other = read(torch.tensor([[5, 9, 7, 3], [9, 5, 3, 7]]), mask)
    assert not torch.allclose(one, other, atol=1e-4)


def test_fewer_pieces_say_the_same() -> None:
    read = _convolutions()
    mask = torch.ones(1, 3, dtype=torch.int64)
    fewer = read.select(torch.tensor([0, 5, 9]))
    torch.testing.assert_close(fewer(torch.tensor([[1, 2, 2]]), mask), read(torch.tensor([[5, 9, 9]]), mask))


def test_it_learns_its_teacher_and_is_opened_again(shallow: Backbone, tmp_path: Path) -> None:
    teacher = np.eye(3, 16, dtype=np.float32)[[0, 0, 1, 1, 2]]
    targets = join(TEXTS, [teacher], [1.0], 16, 5)
    head = DistilHead(shallow, HeadOptions(max_tokens=32), EmbeddingDistillation(), targets)
    before = head.measure(PAIRS)["loss"]
    optimizer = torch.optim.AdamW(head.module.parameters(), lr=3e-3)
    for _ in range(400):
        optimizer.zero_grad()
        head.module(**head.collate(PAIRS))["loss"].backward()
        optimizer.step()
    assert head.measure(PAIRS)["loss"] < before / 2
    expected = head.encode(TEXTS, "query")
    head.save(tmp_path)
    np.testing.assert_allclose(load_head(tmp_path).encode(TEXTS, "query"), expected, atol=1e-6)  # type: ignore[attr-defined]


def test_it_is_exported(shallow: Backbone, tmp_path: Path) -> None:
    targets = join(TEXTS, [np.eye(5, 16, dtype=np.float32)], [1.0], 16, 5)
    head = DistilHead(shallow, HeadOptions(max_tokens=32), EmbeddingDistillation(), targets)
    export(head, tmp_path, ExportRecipe("none"))
    exported = OnnxEncoder.open(tmp_path, threads=1).encode_queries(TEXTS)
    np.testing.assert_allclose(exported, head.encode(TEXTS, "query"), atol=1e-5)
