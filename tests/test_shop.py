"""A shop as its user holds it, through changes, crashes and other settings. Words alone, unless a test needs meaning."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openaisle.catalog.changes import Patch
from openaisle.catalog.product import Product
from openaisle.errors import IndexCorrupt, IndexMismatch, OpenAisleError, ShopExists, ShopNotFound, StorageError
from openaisle.search.request import SearchRequest
from openaisle.settings.editing import set_value
from openaisle.shop import Shop


@pytest.fixture(autouse=True)
def words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shop"


@pytest.fixture
def shop(folder: Path) -> Iterator[Shop]:
    with Shop.create(folder) as made:
        made.upsert(mug(number) for number in range(20))
        yield made


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an encoder that needs no download."""
    sys.path.insert(0, str(Path(__file__).parent / "models"))
    from tiny_model import write_tiny_model

    return f"onnx:{write_tiny_model(tmp_path_factory.mktemp('tiny'))}"


def mug(number: int, **fields: Any) -> Product:
    return replace(Product(id=f"m{number}", title={"en": f"mug number {number}"}, price=float(number)), **fields)


def found(shop: Shop, query: str = "mug", **fields: Any) -> list[str]:
    return sorted(hit.id for hit in shop.search(SearchRequest(query, limit=1000, **fields)).hits)


def test_writes_are_searchable_when_they_return(shop: Shop) -> None:
    assert len(found(shop)) == 20
    assert shop.upsert([mug(20), mug(1)]).accepted == 1
    assert "m20" in found(shop, "number 20")
    assert shop.patch([Patch("m3", {"price": 500})]).accepted == 1
    assert found(shop, filter="price > 100") == ["m3"]
    assert shop.delete(["m4", "nobody"]) == 1
    assert "m4" not in found(shop)
    status = shop.status()
    assert (status.products, status.encoder, status.pending_changes) == (20, "", 0)


def test_a_shop_opens_as_it_was_left(shop: Shop, folder: Path) -> None:
    before = found(shop)
    shop.close()
    with Shop.open(folder) as again:
        assert found(again) == before


def test_ingest(shop: Shop, tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text("id,title,price\nm1,teapot,3\nx,samovar,9\n,broken,1\n")
    assert shop.ingest(feed, dry_run=True).accepted == 2
    assert found(shop, "samovar") == []
    done = shop.ingest(feed)
    assert (done.accepted, done.rejected) == (2, 1)
    assert found(shop, "samovar teapot") == ["m1", "x"]


def test_where_there_is_a_shop_and_where_there_is_none(shop: Shop, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ShopExists):
        Shop.create(folder)
    with pytest.raises(ShopNotFound):
        Shop.open(tmp_path)


def test_a_shop_is_made_with_another_encoder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAISLE_ENCODER_NAME")
    with Shop.create(folder, encoder="none") as made:
        assert made.encoder is None
    with Shop.open(folder) as opened:
        assert (opened.encoder, opened.settings.encoder.name) == (None, "none")


@pytest.mark.parametrize("encoder", ["onnx:nowhere", "huge"])
def test_an_encoder_that_cannot_be_had_makes_no_shop(
    folder: Path, encoder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAISLE_ENCODER_NAME")
    with pytest.raises(OpenAisleError):
        Shop.create(folder, encoder=encoder)
    Shop.create(folder, encoder="none").close()


def test_half_a_shop_is_not_left_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_database: Any) -> None:
        raise StorageError("The disk is full.", "Make room.")

    with monkeypatch.context() as patched:
        patched.setattr("openaisle.shop.migrate", full)
        with pytest.raises(StorageError):
            Shop.create(folder)
    with Shop.create(folder) as made:
        assert found(made) == []


def test_a_shop_that_cannot_be_written_answers(shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.catalog.upsert([mug(77)])  # the index is behind, and cannot be brought in step
    shop.close()
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and may(path, mode))
    monkeypatch.setattr("openaisle.engines.embedded.lock.FileLock.acquire", _refuse)
    with Shop.open(folder) as opened:
        assert len(found(opened)) == 20
        with pytest.raises(StorageError):
            opened.upsert([mug(78)])


def _refuse(*_: Any, **__: Any) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_damaged_index_names_the_folder_to_reindex(shop: Shop, folder: Path) -> None:
    shop.close()
    (folder / "index" / shop.engine.generation / "manifest.json").write_text("{")
    with Shop.open(folder) as opened, pytest.raises(IndexCorrupt) as damaged:
        found(opened)
    assert damaged.value.mend == f"Run: openaisle reindex {folder}"


def test_a_starter_that_went_missing_is_asked_for(
    shop: Shop, folder: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.reindex(tiny)
    shop.close()
    set_value(folder, "encoder", "name", "starter")
    monkeypatch.delenv("OPENAISLE_ENCODER_NAME")
    monkeypatch.setattr("openaisle.standing.find_spec", lambda _name: None)
    with Shop.open(folder) as opened, pytest.raises(IndexMismatch) as other:
        found(opened)
    assert "openaisle[starter]" in other.value.mend


def test_a_crash_between_store_and_index_is_mended_at_opening(shop: Shop, folder: Path) -> None:
    shop.catalog.upsert([mug(77)])
    shop.catalog.delete(["m0"])
    assert "m77" not in found(shop)
    shop.close()
    with Shop.open(folder) as again:
        assert again.status().pending_changes == 0
        assert {"m77", "m1"} <= set(found(again))
        assert "m0" not in found(again)


def test_a_lost_index_is_built_again(shop: Shop, folder: Path) -> None:
    shop.close()
    shutil.rmtree(folder / "index")
    with Shop.open(folder) as again:
        assert len(found(again)) == 20


@pytest.mark.parametrize("damage", ["bytes", "format"])
def test_a_damaged_index_is_told_and_can_be_rebuilt(shop: Shop, folder: Path, damage: str) -> None:
    shop.close()
    for manifest in (folder / "index").rglob("manifest.json"):
        manifest.write_text("damaged" if damage == "bytes" else json.dumps({"format": 0}))
    with Shop.open(folder) as again:
        with pytest.raises((IndexCorrupt, IndexMismatch), match="openaisle reindex"):
            found(again)
        assert again.reindex().products == 20
        assert len(found(again)) == 20


def test_another_encoder(folder: Path, tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAISLE_ENCODER_NAME")
    Shop.create(folder).close()
    set_value(folder, "encoder", "name", "none")
    with Shop.open(folder) as shop, Shop.open(folder) as neighbour:
        shop.upsert(mug(number) for number in range(5))
        assert len(found(neighbour)) == 5
        first = shop.engine.generation
        done = shop.reindex(encoder=tiny)
        assert (done.products, done.generation > first) == (5, True)
        assert shop.status().encoder
        assert "m1" in found(shop, "mug number 1")
        assert found(neighbour, "mug number 1") == found(shop, "mug number 1")  # it was opened with the one before
        assert neighbour.settings.encoder.name == tiny
    with Shop.open(folder) as again:
        assert again.settings.encoder.name == tiny
        assert "m1" in found(again, "mug number 1")


def test_a_changed_encoder_setting_asks_for_a_reindex(folder: Path, tiny: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAISLE_ENCODER_NAME")
    Shop.create(folder).close()
    set_value(folder, "encoder", "name", "none")
    with Shop.open(folder) as shop:
        shop.upsert([mug(1)])
    set_value(folder, "encoder", "name", tiny)
    with Shop.open(folder) as changed:
        assert changed.differences() == ["encoder"]
        for refused in (lambda: found(changed), lambda: changed.upsert([mug(2)]), lambda: changed.delete(["m1"])):
            with pytest.raises(IndexMismatch, match="openaisle reindex"):
                refused()
        assert changed.catalog.count() == 1  # what was refused was not stored, either
        changed.reindex()
        assert found(changed) == ["m1"]


def test_recommendations_take_the_vectors_that_search_has(
    folder: Path, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", tiny)
    with Shop.create(folder) as shop:
        shop.upsert(mug(number) for number in range(5))
        encoded: list[str] = []
        encode = shop.encoder.encode_documents
        monkeypatch.setattr(
            type(shop.encoder), "encode_documents", lambda _, texts: encoded.extend(texts) or encode(texts)
        )
        shop.recommendations.train(lambda stage, done, total: None)
        assert encoded == []
        monkeypatch.setattr(shop, "differences", lambda: ["schema"])
        shop.recommendations.train(lambda stage, done, total: None)
        assert len(encoded) == 5


def test_a_changed_weight_asks_for_a_reindex(shop: Shop, folder: Path) -> None:
    shop.close()
    settings = folder / "openaisle.toml"
    settings.write_text(settings.read_text().replace("# title = 3.0", "title = 9.0"))
    with Shop.open(folder) as changed:
        assert changed.differences() == ["schema"]
        changed.reindex()
        assert len(found(changed)) == 20


def test_kill_9_in_ingest_loses_nothing_that_was_stored(tmp_path: Path) -> None:
    folder, feed, chance = tmp_path / "shop", tmp_path / "feed.jsonl", random.Random(5)
    Shop.create(folder).close()
    rows = 3_000
    feed.write_text("".join(json.dumps({"id": f"r{n}", "title": f"row {n}", "price": 1}) + "\n" for n in range(rows)))
    stored = 0
    for _ in range(8):
        command = [sys.executable, "-m", "openaisle", "ingest", str(folder), str(feed)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(chance.uniform(0.4, 2.0))
        process.kill()
        process.communicate()
        with Shop.open(folder) as shop:
            acknowledged = set(shop.catalog.ids())
            assert len(acknowledged) >= stored
            stored = len(acknowledged)
            rows_found = shop.engine.snapshot().browse(None)
            ids = shop.engine.snapshot().ids(rows_found)
            assert len(ids) == len(set(ids))
            assert set(ids) == acknowledged
            assert shop.search(SearchRequest("row", limit=0)).total == stored
    with Shop.open(folder) as shop:
        shop.ingest(feed)
        assert shop.search(SearchRequest("row", limit=0)).total == rows
