"""A student cut out of a model learns to stand where the whole model stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from openaisle.learning.backbones import open_backbone
from openaisle.learning.backbones.layers import keep
from openaisle.learning.compression.layerwise import LayerwiseHead, Parent, distance, parent_of
from openaisle.learning.compression.trunk import known_trunk
from openaisle.learning.examples import Plain
from openaisle.learning.heads import HeadOptions, load_head
from openaisle.learning.heads.match import MatchHead

PAIRS = (Plain("red mug", "红色 马克杯"), Plain("blue dress"), Plain("desk lamp", "台灯"), Plain("leather shoes"))
OPTIONS = HeadOptions(max_tokens=32, query_prefix="", document_prefix="")


def student(base: Path, prefix: str = "") -> LayerwiseHead:
    whole = open_backbone(str(base), max_tokens=32, dropout=0.0)
    cut = open_backbone(str(base), max_tokens=32, dropout=0.0)
    keep(cut.model, [0])
    return LayerwiseHead(cut, OPTIONS, parent_of(replace(whole, query_prefix=prefix), [0], "mean", ""))


def test_each_layer_has_the_state_that_the_next_kept_one_is_used_to(tiny_base: Path) -> None:
    whole = open_backbone(str(tiny_base), max_tokens=32)
    assert parent_of(whole, [0, 1], "mean", "").targets == (1, 2)
    assert parent_of(whole, [1], "mean", "").targets == (2,)


def test_what_the_parent_alone_reads_is_left_out_of_its_states(tiny_base: Path) -> None:
    parent = student(tiny_base, prefix="red ").module.parent
    assert isinstance(parent, Parent)
    assert parent.prefix
    ids = torch.tensor([[2, 9, 11, 3]])
    states, vectors = parent.read(ids, torch.ones_like(ids))
    assert [layer.shape for layer in states] == [(1, 4, 32)]
    assert vectors.shape == (1, 32)
    with_prefix = torch.tensor([[2, *parent.prefix, 9, 11, 3]])
    whole = parent.model(input_ids=with_prefix, attention_mask=torch.ones_like(with_prefix)).last_hidden_state
    torch.testing.assert_close(states[0], whole[:, [0, -3, -2, -1]])


def test_distance_is_a_share_and_skips_padding() -> None:
    wanted = torch.randn(2, 3, 4)
    mask = torch.tensor([[1, 1, 1], [1, 0, 0]])
    assert float(distance(wanted, wanted, mask)) == 0
    assert float(distance(torch.zeros_like(wanted), wanted, mask)) == pytest.approx(1)
    elsewhere = wanted.clone()
    elsewhere[1, 1:] += 5
    assert float(distance(elsewhere, wanted, mask)) == 0


def test_it_comes_near_its_parent(tiny_base: Path, tmp_path: Path) -> None:
    head = student(tiny_base)
    before = head.measure(PAIRS)["loss"]
    optimizer = torch.optim.AdamW(head.module.parameters(), lr=3e-3)
    batch = head.collate(PAIRS)
    assert len(batch["input_ids"]) == 6
    for _ in range(80):
        optimizer.zero_grad()
        head.module(**batch)["loss"].backward()
        optimizer.step()
    assert head.measure(PAIRS)["loss"] < before / 3
    assert not any("parent" in name for name in head.module.state_dict())
    head.save(tmp_path)
    texts = ["red mug", "台灯"]
    opened = load_head(tmp_path)
    assert isinstance(opened, MatchHead)
    np.testing.assert_allclose(opened.encode(texts, "query"), head.encode(texts, "query"), atol=1e-6)


def test_what_was_trained_is_still_a_plain_model(tiny_base: Path) -> None:
    head = student(tiny_base)
    head.module(**head.collate(PAIRS))["loss"].backward()
    assert known_trunk(head.module.backbone, types=False) is not None
