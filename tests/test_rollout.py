"""Promotion and the way back: refused for a reason, switched in one step, safe from kill -9, followed by others."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "models" / "registry"))
from registered import add_version, lineage, make_reranker
from tiny_model import write_manifest

from openaisle import rollout
from openaisle.catalog.changes import Patch
from openaisle.catalog.product import Product
from openaisle.engines.embedded.generations import Generations
from openaisle.errors import ModelError, ModelInUse, ModelNotFound, PromotionRefused, StorageError
from openaisle.indexing.indexer import Indexer
from openaisle.models.onnx import OnnxEncoder
from openaisle.models.registry import Measured, Registry, Version
from openaisle.models.registry.history import History, State
from openaisle.search.request import SearchRequest
from openaisle.settings import load
from openaisle.settings.editing import set_value
from openaisle.shop import Shop

KillAt = Callable[[str, str], None]
PRODUCTS = 30
FIRST, SECOND = "model:shop-encoder@1", "model:shop-encoder@2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shop that answers with the first version, and has a second of other dimensions."""
    folder = tmp_path / "shop"
    Shop.create(folder).close()
    set_value(folder, "encoder", "name", "none")
    registry = Registry(folder / "models")
    add_version(registry)
    add_version(registry, dimensions=48)
    with Shop.open(folder) as shop:
        shop.upsert(mug(number) for number in range(PRODUCTS))
        shop.promote("shop-encoder@1")
    return folder


@pytest.fixture
def shop(folder: Path) -> Iterator[Shop]:
    with Shop.open(folder) as opened:
        yield opened


def mug(number: int, title: str = "mug") -> Product:
    return Product(id=f"m{number}", title={"en": f"{title} number {number}"}, price=float(number))


def dimensions(shop: Shop) -> int:
    """Of the model that answers, which the index must fit."""
    answer = shop.search(SearchRequest("number 7", limit=5))
    assert "m7" in [hit.id for hit in answer.hits]
    assert shop.differences() == []
    assert shop.encoder is not None
    return shop.encoder.identity.dimensions


def generations(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "index").iterdir() if path.is_dir())


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every product text that any model encodes from now on."""
    texts: list[str] = []
    encode = OnnxEncoder.encode_documents

    def noting(self: OnnxEncoder, given: Any) -> Any:
        texts.extend(given)
        return encode(self, given)

    monkeypatch.setattr(OnnxEncoder, "encode_documents", noting)
    return texts


# Promotion


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


# The way back


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


# Killed half-way

BEFORE_THE_SWITCH = ("begun", "encoding", "built")


@pytest.fixture(scope="module")
def killing() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(Path(__file__).parent / "rollout_killed.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def kill_at(killing: subprocess.Popen[str], folder: Path) -> Callable[[str, str], None]:
    """Has another process promote or roll back in the shop, and die at a point of it."""

    def kill(point: str, what: str) -> None:
        assert killing.stdin is not None
        assert killing.stdout is not None
        print(point, what, folder, file=killing.stdin, flush=True)
        assert killing.stdout.readline() == f"{signal.SIGKILL:d}\n"

    return kill


@pytest.mark.parametrize("point", [*BEFORE_THE_SWITCH, "published", "set", "done"])
def test_promotion_killed_half_way(folder: Path, kill_at: KillAt, point: str) -> None:
    with Shop.open(folder) as neighbour:
        assert dimensions(neighbour) == 32
        kill_at(point, "promote")
        expected = 32 if point in BEFORE_THE_SWITCH else 48
        assert dimensions(neighbour) == expected  # before anybody settled what was left
        with Shop.open(folder) as opened:
            assert dimensions(opened) == expected
            assert History(folder / "models").open_change() is None
            assert load(folder).encoder.name == (FIRST if expected == 32 else SECOND)
            if expected == 32:
                opened.promote("shop-encoder@2")
            assert dimensions(opened) == dimensions(neighbour) == 48
            assert opened.rollback().after == FIRST
            assert dimensions(opened) == dimensions(neighbour) == 32


@pytest.mark.parametrize("point", ["begun", "built", "setting", "set"])
def test_rollback_killed_half_way(shop: Shop, folder: Path, kill_at: KillAt, point: str) -> None:
    shop.promote("shop-encoder@2")
    shop.upsert([mug(PRODUCTS)])
    kill_at(point, "rollback")
    expected = 48 if point in BEFORE_THE_SWITCH else 32
    assert dimensions(shop) == expected
    with Shop.open(folder) as opened:
        assert dimensions(opened) == expected
        if expected == 48:
            assert opened.rollback().after == FIRST
        assert dimensions(opened) == dimensions(shop) == 32
        assert opened.search(SearchRequest("", limit=0)).total == PRODUCTS + 1


def test_a_shop_answers_where_what_is_left_cannot_be_settled(
    folder: Path, kill_at: KillAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_at("published", "promote")

    def refused(*_: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("openaisle.rollout.set_value", refused)
    with Shop.open(folder) as opened:
        assert dimensions(opened) == 48
    assert load(folder).encoder.name == FIRST


# Rerankers: no index is built with one, so the setting alone decides


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


# Others who have the shop open


def test_others_follow_in_reading_and_writing(shop: Shop, folder: Path) -> None:
    with Shop.open(folder) as reader, Shop.open(folder) as writer:
        assert dimensions(reader) == dimensions(writer) == 32
        shop.promote("shop-encoder@2")
        writer.upsert([mug(PRODUCTS)])
        assert dimensions(reader) == dimensions(writer) == 48
        shop.rollback()
        writer.upsert([mug(PRODUCTS + 1)])
        assert dimensions(reader) == dimensions(writer) == 32
        assert reader.search(SearchRequest("", limit=0)).total == PRODUCTS + 2


def test_a_writer_that_was_overtaken_writes_with_the_new_model(
    shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Shop.open(folder) as writer:
        assert dimensions(writer) == 32
        catch_up = Indexer.catch_up

        def overtaken(self: Indexer, *arguments: Any) -> Any:
            monkeypatch.undo()
            shop.promote("shop-encoder@2")
            return catch_up(self, *arguments)

        monkeypatch.setattr(Indexer, "catch_up", overtaken)
        writer.upsert([mug(PRODUCTS)])
        assert dimensions(writer) == 48
        assert next(hit.id for hit in writer.search(SearchRequest(f"number {PRODUCTS}")).hits) == f"m{PRODUCTS}"


def test_no_search_fails_while_models_change(shop: Shop, folder: Path) -> None:
    ended, failures, answers = threading.Event(), [], 0
    with Shop.open(folder) as reader:

        def ask() -> None:
            nonlocal answers
            while not ended.is_set():
                try:
                    dimensions_asked = reader.search(SearchRequest("number 7", limit=3))
                    assert dimensions_asked.hits
                    answers += 1
                except Exception as error:
                    failures.append(error)
                    return

        asking = [threading.Thread(target=ask) for _ in range(2)]
        for thread in asking:
            thread.start()
        for _ in range(2):
            shop.promote("shop-encoder@2")
            shop.rollback()
        ended.set()
        for thread in asking:
            thread.join()
    assert failures == []
    assert answers > 10


def test_history_passes_over_what_a_crash_cut_short(shop: Shop, folder: Path) -> None:
    file = folder / "models" / "history.json"
    whole = len(History(folder / "models").changes())
    with file.open("ab") as damaged:
        damaged.write(b'{"kind": "prom')
    assert len(History(folder / "models").changes()) == whole
    shop.promote("shop-encoder@2")
    assert len(History(folder / "models").changes()) == whole + 2
    assert Generations(folder / "index").kept() != ()
