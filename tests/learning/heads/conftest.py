"""A tiny backbone and the shortest training loop there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch

from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.examples import DataSet, Example
from openaisle.learning.heads import Head

Learn = Callable[..., list[float]]


@pytest.fixture
def backbone(tiny_base: Path) -> Backbone:
    torch.manual_seed(7)
    return open_backbone(str(tiny_base), max_tokens=32, dropout=0.0)


@pytest.fixture
def learn() -> Learn:
    def train(head: Head, examples: Sequence[Example], steps: int = 40, rate: float = 3e-3) -> list[float]:
        optimizer = torch.optim.AdamW(head.module.parameters(), lr=rate)
        batch, losses = head.collate(examples), []
        for _ in range(steps):
            loss = head.module(**batch)["loss"]
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    return train


def data(examples: Sequence[Example]) -> DataSet:
    return DataSet(tuple(examples), (), (), "0" * 64)
