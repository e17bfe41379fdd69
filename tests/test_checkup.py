from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from openaisle import checkup as module
from openaisle.checkup import Finding, Level
from openaisle.errors import ModelError
from openaisle.settings.editing import set_value
from openaisle.shop import Shop


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    feed = tmp_path / "feed.jsonl"
    feed.write_text('{"id": "m1", "title": "Stoneware mug"}\n{"id": "m2", "title": "Glass mug"}\n')
    with Shop.create(tmp_path / "shop") as made:
        made.ingest(feed)
        yield made


def troubles(shop: Shop) -> list[Finding]:
    return [finding for finding in shop.doctor() if finding.level is not Level.OK]


def test_a_healthy_shop_has_no_troubles_and_says_what_was_looked_at(shop: Shop) -> None:
    assert troubles(shop) == []
    told = " ".join(finding.what for finding in shop.doctor())
    assert "2 products" in told
    assert "in step" in told


def test_an_empty_shop_is_told_to_ingest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    with Shop.create(tmp_path / "empty") as empty:
        (trouble,) = troubles(empty)
    assert "openaisle ingest" in trouble.mend


def test_an_index_that_is_behind_is_told(shop: Shop) -> None:
    shop.catalog.delete(["m1"])
    (trouble,) = troubles(shop)
    assert trouble.level is Level.WARNING
    assert "1 changes behind" in trouble.what


def test_an_index_of_other_settings_is_an_error(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shop, "differences", lambda self: ["encoder"])
    (trouble,) = troubles(shop)
    assert trouble.level is Level.ERROR
    assert "openaisle reindex" in trouble.mend


def test_a_model_that_cannot_be_used_hides_no_other_finding(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    set_value(shop.folder, "encoder", "name", "onnx:nowhere")
    monkeypatch.delenv("OPENAISLE_ENCODER_NAME")
    shop.adopt(None)
    found = shop.doctor()
    errors = [finding for finding in found if finding.level is Level.ERROR]
    assert errors
    assert all(finding.mend for finding in errors)
    assert any("products" in finding.what for finding in found if finding.level is Level.OK)
    with pytest.raises(ModelError):
        _ = shop.encoder


def test_little_room_on_the_disk_is_a_warning(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LEAST_FREE_BYTES", 10**18)
    (trouble,) = troubles(shop)
    assert "Make room" in trouble.mend


def test_rejected_rows_are_called_to_mind(shop: Shop, tmp_path: Path) -> None:
    feed = tmp_path / "more.jsonl"
    feed.write_text('{"id": "m3", "title": "Bowl"}\n{"id": "m4", "title": ""}\n')
    shop.ingest(feed)
    (trouble,) = troubles(shop)
    assert "rejects.jsonl" in trouble.mend


def test_a_service_open_to_all_is_a_warning(shop: Shop) -> None:
    shop.settings = replace(shop.settings, server=replace(shop.settings.server, host="0.0.0.0", keys="never"))
    (trouble,) = troubles(shop)
    assert "openaisle keys create" in trouble.mend
