"""A table of pieces is a backbone like any other, only without layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from openaisle.learning.backbones import open_backbone
from openaisle.learning.compression.distil import DistilHead
from openaisle.learning.compression.targets import join
from openaisle.learning.examples import Plain
from openaisle.learning.heads import HeadOptions, load_head
from openaisle.learning.losses.embedding_distillation import EmbeddingDistillation

PAIRS = (Plain("red mug", "红色 马克杯"), Plain("blue dress", "蓝色 连衣裙"), Plain("desk lamp"))


def test_the_order_of_pieces_says_nothing(tiny_base: Path) -> None:
    bag = open_backbone(f"bag:{tiny_base}", max_tokens=32)
    states = bag.model(torch.tensor([[5, 9, 7], [7, 5, 9]])).last_hidden_state
    assert states.shape == (2, 3, 512)
    torch.testing.assert_close(states[0].sum(dim=0), states[1].sum(dim=0))


def test_it_learns_its_teacher_and_is_opened_again(tiny_base: Path, tmp_path: Path) -> None:
    texts = ["red mug", "红色 马克杯", "blue dress", "蓝色 连衣裙", "desk lamp"]
    teacher = np.eye(3, 512, dtype=np.float32)[[0, 0, 1, 1, 2]]
    bag = open_backbone(f"bag:{tiny_base}", max_tokens=32)
    targets = join(texts, [teacher], [1.0], 512, 5)
    head = DistilHead(bag, HeadOptions(max_tokens=32), EmbeddingDistillation(), targets)
    before = head.measure(PAIRS)["loss"]
    optimizer = torch.optim.AdamW(head.module.parameters(), lr=5e-2)
    for _ in range(300):
        optimizer.zero_grad()
        head.module(**head.collate(PAIRS))["loss"].backward()
        optimizer.step()
    assert head.measure(PAIRS)["loss"] < before / 2
    head.save(tmp_path)
    np.testing.assert_allclose(load_head(tmp_path).encode(texts, "query"), head.encode(texts, "query"), atol=1e-6)  # type: ignore[attr-defined]
