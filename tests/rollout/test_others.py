"""Others who have the shop open follow, in reading and in writing."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from rolled import PRODUCTS, dimensions, mug

from openaisle.engines.embedded.generations import Generations
from openaisle.indexing.indexer import Indexer
from openaisle.models.registry.history import History
from openaisle.search.request import SearchRequest
from openaisle.shop import Shop


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
