"""What was packed comes out under its own name, in float32."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from openaisle.learning.backbones import open_backbone
from openaisle.learning.backbones.constants import Constants
from openaisle.learning.compression.blocks import BLOCK
from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.heads import HeadOptions
from openaisle.learning.heads.match import MatchHead


@pytest.fixture(scope="module")
def head(tiny_base: Path) -> MatchHead:
    backbone = open_backbone(str(tiny_base), max_tokens=32, dropout=0.0)
    return MatchHead(backbone, HeadOptions(max_tokens=32), torch.nn.Identity())  # type: ignore[arg-type]


def test_matrices_and_tables_come_out_of_their_blocks(head: MatchHead, tmp_path: Path) -> None:
    export(head, tmp_path, ExportRecipe("packed"))
    constants = Constants.of(tmp_path)
    layer = head.module.backbone.encoder.layer[0]
    for name, weight in (
        ("q", layer.attention.self.query.weight),
        ("v", layer.attention.self.value.weight),
        ("wide", layer.intermediate.dense.weight),
    ):
        exact = weight.detach().numpy()
        found = constants[f"trunk/l0.{name}.weight"].T
        blocks = np.abs(exact).reshape(len(exact), -1, BLOCK).max(axis=2).repeat(BLOCK, axis=1)
        assert (np.abs(found - exact) <= blocks / 8 + 1e-4).all()
    assert constants.attributes["num_heads"] == head.module.backbone.config.num_attention_heads
    np.testing.assert_array_equal(
        constants["trunk/embeddings.norm.weight"], head.module.backbone.embeddings.LayerNorm.weight.detach().numpy()
    )


def test_what_is_in_int8_alone_cannot_be_had_back(head: MatchHead, tmp_path: Path) -> None:
    export(head, tmp_path, ExportRecipe("int8"))
    with pytest.raises(ValueError, match="no packed matrices"):
        Constants.of(tmp_path)
