"""What a transformer and a shallow model say of a text, in one vector."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.backbones.bag import Bag
from openaisle.learning.backbones.centring import Centring
from openaisle.learning.backbones.joining import Joining
from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.heads import HeadOptions, load_head
from openaisle.learning.heads.match import MatchHead
from openaisle.models.onnx import OnnxEncoder

TEXTS = ["red mug", "desk lamp", "台灯", "leather shoes 42"]


@pytest.fixture
def joined(tiny_base: Path) -> Backbone:
    plain = open_backbone(str(tiny_base), max_tokens=32, dropout=0.0)
    torch.manual_seed(3)
    pieces = len(plain.tokenizer)
    scripts = torch.zeros(pieces, 2, dtype=torch.uint8)
    scripts[5:10, 1] = 1  # Latin
    scripts[10:15, 0] = 1  # Han
    centring = Centring(scripts, torch.zeros(32), torch.zeros(32))
    return replace(plain, finish=Joining(centring, Bag.of(torch.randn(pieces, 16)), 0.5))


def test_both_views_stand_side_by_side(joined: Backbone) -> None:
    finish = joined.finish
    assert isinstance(finish, Joining)
    vectors = normalize(torch.randn(1, 32), dim=-1)
    for pieces in ([5, 9, 7], [10, 14, 3], [5, 12, 3], [0, 1, 2]):
        ids = torch.tensor([pieces])
        bag = finish.bag(ids, torch.ones_like(ids))
        expected = normalize(torch.cat([vectors, 0.5 * bag], dim=-1), dim=-1)
        torch.testing.assert_close(finish(vectors, ids, torch.ones_like(ids)), expected)
    assert joined.dimensions == 48


def test_padding_changes_nothing(joined: Backbone) -> None:
    finish = joined.finish
    assert finish is not None
    vectors = normalize(torch.randn(1, 32), dim=-1)
    alone = finish(vectors, torch.tensor([[5, 9]]), torch.tensor([[1, 1]]))
    torch.testing.assert_close(finish(vectors, torch.tensor([[5, 9, 0, 1]]), torch.tensor([[1, 1, 0, 0]])), alone)


def test_fewer_pieces_say_the_same(joined: Backbone) -> None:
    assert joined.finish is not None
    vectors = normalize(torch.randn(1, 32), dim=-1)
    fewer = joined.finish.select(torch.tensor([0, 5, 9]))
    mask = torch.ones(1, 3)
    torch.testing.assert_close(
        fewer(vectors, torch.tensor([[1, 2, 2]]), mask), joined.finish(vectors, torch.tensor([[5, 9, 9]]), mask)
    )


def test_it_is_saved_and_exported_with_its_model(joined: Backbone, tmp_path: Path) -> None:
    head = MatchHead(joined, HeadOptions(max_tokens=32), torch.nn.Identity())  # type: ignore[arg-type]
    expected = head.encode(TEXTS, "query")
    head.save(tmp_path / "saved")
    opened = load_head(tmp_path / "saved")
    np.testing.assert_allclose(opened.encode(TEXTS, "query"), expected, atol=1e-6)  # type: ignore[attr-defined]
    export(head, tmp_path / "exported", ExportRecipe("none"))
    exported = OnnxEncoder.open(tmp_path / "exported", threads=1).encode_queries(TEXTS)
    np.testing.assert_allclose(exported, expected, atol=1e-5)
