"""Promotion: refused for a reason, switched in one step, what was is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from registered import add_version, lineage, make_reranker
from rolled import FIRST, SECOND, dimensions, generations, mug
from tiny_model import write_manifest

from openaisle import rollout
from openaisle.errors import ModelError, ModelNotFound, PromotionRefused, StorageError
from openaisle.indexing.indexer import Indexer
from openaisle.models.registry import Measured, Version
from openaisle.models.registry.history import History, State
from openaisle.search.request import SearchRequest
from openaisle.settings import load
from openaisle.settings.editing import set_value
from openaisle.shop import Shop


def test_promotion_switches_and_keeps_what_was(shop: Shop, folder: Path) -> None:
    before = shop.engine.generation
    assert dimensions(shop) == 32
    done = shop.promote("shop-encoder")
    assert (done.slot, done.before, done.after) == ("encoder", FIRST, SECOND)
    assert done.generation == shop.engine.generation > before
    assert dimensions(shop) == 48
    assert load(folder).encoder.name == shop.settings.encoder.name == SECOND
    with Shop.open(folder) as again:
        assert dimensions(again) == 48
    for _ in range(3):  # what is kept for the way back stays, whatever comes
        shop.reindex()
    assert before in generations(folder)


def test_products_that_change_while_a_generation_is_built_are_in_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild = Indexer.rebuild

    def and_one_more(self: Indexer, *arguments: Any) -> Any:
        done = rebuild(self, *arguments)
        shop.catalog.upsert([mug(99)])
        return done

    monkeypatch.setattr(Indexer, "rebuild", and_one_more)
    shop.promote("shop-encoder@2")
    assert "m99" in [hit.id for hit in shop.search(SearchRequest("number 99")).hits]


def test_a_model_that_got_worse_is_refused_with_its_figures(shop: Shop) -> None:
    worse = lineage(after={"ndcg@10": Measured(0.45)}, guarded={"ndcg@10": 0.005, "mrr@10": 0})
    add_version(shop.registry, made_by=worse, dimensions=48)
    with pytest.raises(PromotionRefused) as refused:
        shop.promote("shop-encoder@3")
    assert "ndcg@10 fell by 0.0500, from 0.5000 to 0.4500 (0.005 is allowed)" in refused.value.detail
    assert "mrr@10 is guarded, but was not measured" in refused.value.detail
    assert "--force" in refused.value.mend
    assert dimensions(shop) == 32
    shop.promote("shop-encoder@3", force=True)
    assert dimensions(shop) == 48


def test_a_fall_within_what_is_allowed_passes(shop: Shop) -> None:
    add_version(shop.registry, made_by=lineage(after={"ndcg@10": Measured(0.495)}), dimensions=48)
    shop.promote("shop-encoder@3")
    assert dimensions(shop) == 48


def _corrupt(version: Version) -> None:
    (version.folder / "model.onnx").write_bytes(b"foreign")


def _pickle(version: Version) -> None:
    (version.folder / "weights.bin").write_bytes(b"\x80\x04")


def _foreign(version: Version) -> None:
    (version.folder / "lineage.json").unlink()


@pytest.mark.parametrize(
    ("damage", "told"), [(_corrupt, "is corrupt"), (_pickle, "pickled"), (_foreign, r"lineage\.json")]
)
@pytest.mark.parametrize("force", [False, True])
def test_damaged_and_foreign_models_are_refused(shop: Shop, damage: Any, told: str, force: bool) -> None:
    damage(shop.registry.get("shop-encoder@2"))
    with pytest.raises(ModelError, match=told):
        shop.promote("shop-encoder@2", force=force)
    _is_as_it_was(shop)


def test_a_model_that_gives_other_dimensions_than_it_states_is_refused(shop: Shop) -> None:
    add_version(shop.registry, spoil=lambda folder: write_manifest(folder, dimensions=16))
    with pytest.raises(ModelError, match="promises 16 dimensions"):
        shop.promote("shop-encoder@3", force=True)
    _is_as_it_was(shop)


def test_what_cannot_be_promoted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelNotFound):
        shop.promote("shop-encoder@9")
    with pytest.raises(PromotionRefused, match="in use already"):
        shop.promote("shop-encoder@1")
    add_version(shop.registry, "labels", lineage("labels", task="classify"))
    with pytest.raises(PromotionRefused, match="no search uses"):
        shop.promote("labels")
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", FIRST)
    with pytest.raises(PromotionRefused, match="OPENAISLE_ENCODER_NAME"):
        shop.promote("shop-encoder@2")
    _is_as_it_was(shop)


def test_a_disk_that_refuses_changes_nothing(shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = (folder / "index" / "KEEP").read_text()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("openaisle.engines.embedded.writer.write_manifest", full)
        with pytest.raises(StorageError, match="No space left"):
            shop.promote("shop-encoder@2")
    _is_as_it_was(shop)
    assert (folder / "index" / "KEEP").read_text() == kept
    assert History(folder / "models").changes()[-1].state is State.ABANDONED
    shop.promote("shop-encoder@2")
    assert dimensions(shop) == 48


def _is_as_it_was(shop: Shop) -> None:
    assert load(shop.folder).encoder.name == FIRST
    assert dimensions(shop) == 32
    with Shop.open(shop.folder) as again:
        assert dimensions(again) == 32


@pytest.fixture
def reranker(shop: Shop) -> Version:
    return add_version(shop.registry, "judge", lineage("judge", task="rerank"), spoil=make_reranker)


def reranks(shop: Shop) -> bool:
    answer = shop.search(SearchRequest("number 7", limit=5, explain=True))
    return any("reranker" in (hit.explanation or {}) for hit in answer.hits)


def test_a_reranker_is_promoted_followed_and_rolled_back(shop: Shop, folder: Path, reranker: Version) -> None:
    set_value(folder, "reranker", "budget_ms", "10000")
    settings = folder / "openaisle.toml"
    settings.write_text(settings.read_text().replace('budget_ms = "10000"', "budget_ms = 10000"))
    with Shop.open(folder) as promoting, Shop.open(folder) as reader:
        assert not reranks(reader)
        generation = promoting.engine.generation
        done = promoting.promote("judge")
        assert (done.slot, done.before, done.after) == ("reranker", "none", "model:judge@1")
        assert promoting.engine.generation == generation
        assert reranks(promoting)
        assert reranks(reader)
        assert rollout.in_use(folder) == {"model:judge@1": "reranker", FIRST: "encoder"}
        promoting.promote("shop-encoder@2")
        assert promoting.rollback().after == FIRST
        assert promoting.rollback().after == "none"
        assert not reranks(promoting)
        assert not reranks(reader)


def test_a_reranker_that_does_not_run_changes_nothing(shop: Shop, folder: Path) -> None:
    def claim(version: Path) -> None:
        write_manifest(version, kind="reranker", dimensions=1)

    add_version(shop.registry, "judge", lineage("judge", task="rerank"), spoil=claim)
    with pytest.raises(ModelError, match="one finite score"):
        shop.promote("judge")
    assert load(folder).reranker.name == "none"
    assert dimensions(shop) == 32
