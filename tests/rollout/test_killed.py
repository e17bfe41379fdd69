"""Promotion and rollback by a process that is killed at each point that matters."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rolled import FIRST, PRODUCTS, SECOND, KillAt, dimensions, mug

from openaisle.models.registry.history import History
from openaisle.search.request import SearchRequest
from openaisle.settings import load
from openaisle.shop import Shop

BEFORE_THE_SWITCH = ("begun", "encoding", "built")


@pytest.fixture(scope="module")
def killing() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(Path(__file__).parent / "killed.py")]
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
