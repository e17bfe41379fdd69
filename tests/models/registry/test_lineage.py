"""lineage.json and the card that is made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from registered import lineage, write_version

from openaisle.errors import ModelError
from openaisle.models.registry import Measured, read_lineage, write_lineage
from openaisle.models.registry.card import card


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = lineage(parent="shop-encoder@1", parameters={"trained": 3, "what": "lora", "ranks": [4, 8]})
    write_lineage(tmp_path, written)
    assert read_lineage(tmp_path) == written
    assert written.as_dict() == json.loads((tmp_path / "lineage.json").read_text())


@pytest.mark.parametrize(
    ("damage", "told"),
    [("{", "the file"), ('{"name": "x"}', "task"), ("[]", "the file")],
)
def test_damage_is_told(tmp_path: Path, damage: str, told: str) -> None:
    (tmp_path / "lineage.json").write_text(damage)
    with pytest.raises(ModelError, match=told):
        read_lineage(tmp_path)


def test_a_missing_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="openaisle train"):
        read_lineage(tmp_path)


def test_the_card_says_what_a_reader_must_know(tmp_path: Path) -> None:
    write_version(tmp_path)
    text = card(tmp_path, "shop-encoder@2", lineage())
    for said in (
        "# shop-encoder@2",
        "Licence: MIT",
        "train 800, test 100",
        "en 70%, zh 30%",
        "d" * 64,
        "| ndcg@10 | 0.5000 [0.4500, 0.5500] | 0.6000 [0.5500, 0.6500] | +0.1000 |",
        "32 dimensions",
        "64 tokens",
        "openaisle models promote SHOP shop-encoder@2",
    ):
        assert said in text


def test_the_card_of_a_model_that_was_not_measured_says_so(tmp_path: Path) -> None:
    text = card(tmp_path, "words@1", lineage("words", task="mlm", before={}, after={}))
    assert "Not measured" in text
    assert 'base = "words@1"' in text
    assert "promote" not in text


def test_text_from_outside_opens_no_tags_and_no_columns(tmp_path: Path) -> None:
    bad = replace(lineage(), base="<script>\n# x", after={"a|b": Measured(1.0)})
    text = card(tmp_path, "shop-encoder@1", bad)
    assert "<script>" not in text
    assert "\n# x" not in text
    assert "a\\|b" in text
