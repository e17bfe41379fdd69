"""Rollback: to what was before, without encoding it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from registered import add_version
from rolled import FIRST, PRODUCTS, SECOND, dimensions, mug

from openaisle import rollout
from openaisle.catalog.changes import Patch
from openaisle.errors import ModelInUse, PromotionRefused
from openaisle.search.request import SearchRequest
from openaisle.settings.editing import set_value
from openaisle.shop import Shop


def test_rollback_encodes_only_what_changed(shop: Shop, folder: Path, encoded: list[str]) -> None:
    before = shop.engine.generation
    shop.promote("shop-encoder@2")
    shop.upsert([mug(PRODUCTS, "bowl")])
    shop.delete(["m3"])
    shop.patch([Patch("m4", {"price": 400})])
    encoded.clear()
    done = shop.rollback()
    assert (done.before, done.after, done.generation) == (SECOND, FIRST, before)
    assert encoded == [f"bowl number {PRODUCTS}"]
    assert dimensions(shop) == 32
    found = {hit.id for hit in shop.search(SearchRequest("number", limit=100)).hits}
    assert found == {f"m{number}" for number in range(PRODUCTS + 1)} - {"m3"}
    assert [hit.id for hit in shop.search(SearchRequest("", filter="price > 100")).hits] == ["m4"]
    with Shop.open(folder) as again:
        assert dimensions(again) == 32


def test_generations_are_never_called_the_same(shop: Shop) -> None:
    """Others tell by the name whether there is anything new."""
    second = shop.promote("shop-encoder@2").generation
    shop.rollback()
    assert shop.promote("shop-encoder@2").generation > second


def test_a_rollback_undoes_one_promotion_at_a_time(shop: Shop) -> None:
    add_version(shop.registry, dimensions=64)
    shop.promote("shop-encoder@2")
    shop.promote("shop-encoder@3")
    assert shop.rollback().after == SECOND
    with pytest.raises(PromotionRefused, match=r"not there any more.*reindex"):
        shop.rollback()
    assert dimensions(shop) == 48


def test_there_is_no_way_back(shop: Shop, folder: Path) -> None:
    shop.rollback()
    assert shop.settings.encoder.name == "none"
    with pytest.raises(PromotionRefused, match="No promotion"):
        shop.rollback()


def test_a_setting_changed_by_hand_is_not_rolled_back(shop: Shop, folder: Path) -> None:
    shop.promote("shop-encoder@2")
    set_value(folder, "encoder", "name", "none")
    with pytest.raises(PromotionRefused, match="promoted last"):
        shop.rollback()


def test_a_kept_generation_that_no_longer_fits_is_told(shop: Shop, folder: Path) -> None:
    shop.promote("shop-encoder@2")
    settings = folder / "openaisle.toml"
    settings.write_text(settings.read_text().replace("# title = 3.0", "title = 9.0"))
    with Shop.open(folder) as changed:
        changed.reindex()
        with pytest.raises(PromotionRefused, match="another schema"):
            changed.rollback()
        assert dimensions(changed) == 48


def test_a_reindex_with_another_encoder_can_be_rolled_back(shop: Shop) -> None:
    shop.reindex(encoder=SECOND)
    assert dimensions(shop) == 48
    assert shop.rollback().after == FIRST


def test_models_in_use_are_not_deleted(shop: Shop) -> None:
    shop.promote("shop-encoder@2")
    with pytest.raises(ModelInUse, match="uses"):
        rollout.delete(shop, "shop-encoder@2")
    with pytest.raises(ModelInUse, match="go back"):
        rollout.delete(shop, "shop-encoder@1")
    add_version(shop.registry)
    assert rollout.delete(shop, "shop-encoder@3").number == 3
