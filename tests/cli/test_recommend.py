"""`openaisle recommend` on a shop whose shoppers look at mugs after mugs and at pots after pots."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from openaisle.catalog.product import Product
from openaisle.cli import recommend
from openaisle.events.event import Event, Kind
from openaisle.shop import Shop

pytest.importorskip("implicit")
pytest.importorskip("lightgbm")

Run = Callable[..., Result]
RunJson = Callable[..., dict[str, Any]]
NAMES = {"mug": [f"mug{n}" for n in range(5)], "pot": [f"pot{n}" for n in range(5)]}
METRICS = {"hr@20", "mrr@20", "recall@20"}


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an encoder nor PyTorch."""
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    monkeypatch.setattr(recommend, "_sequential", lambda: None)


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("visited") / "shop"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAISLE_ENCODER_NAME", "none")
        with Shop.create(folder) as shop:
            shop.upsert(Product(id, {"en": id.title()}) for ids in NAMES.values() for id in ids)
            shop.events.append(events())
    return folder


def events() -> list[Event]:
    now = time.time_ns() // 1_000_000
    made = []
    for number in range(60):
        begin, names = now - (100 - number) * 3_600_000, NAMES["mug" if number % 2 else "pot"]
        for place in range(3):
            kind = Kind.ORDER if place == 2 else Kind.VIEW
            id, shopper = names[(number // 2 + place) % 5], f"shopper-{number % 8}"
            made.append(Event(f"{number}-{place}", kind, begin + place * 60_000, shopper, f"s{number}", product_id=id))
    return made


@pytest.fixture
def shop(tmp_path: Path, visited: Path) -> Path:
    return Path(shutil.copytree(visited, tmp_path / "shop"))


@pytest.fixture
def trained(shop: Path, run_json: RunJson) -> Path:
    told = run_json("recommend", "train", shop)
    assert set(told) == {"generation", "products", "events", "methods", "blend", "seconds", "left_out"}
    assert told["products"] == 10
    return shop


def test_a_shop_may_stand_where_a_command_could(trained: Path, run_json: RunJson) -> None:
    short = run_json("recommend", trained, "--product", "mug1", "-k", 3)
    long = run_json("recommend", "show", trained, "--product", "mug1", "-k", 3)
    assert set(short) == {"placement", "model", "recommendations", "timings", "notices"}
    assert [each["id"] for each in short["recommendations"]] == [each["id"] for each in long["recommendations"]]
    assert all(each["id"].startswith("mug") for each in short["recommendations"])
    assert short["placement"] == "similar"
    each = short["recommendations"][0]
    assert sum(each["contributions"].values()) == pytest.approx(each["score"], abs=1e-4)


def test_people_read_a_table_with_reasons(trained: Path, run: Run) -> None:
    shown = run("recommend", trained, "--product", "mug1", "-k", 2)
    assert shown.exit_code == 0
    assert "with Mug1" in shown.output


def test_titles_without_a_language_are_shown_as_they_are(trained: Path, run: Run, run_json: RunJson) -> None:
    with Shop.open(trained) as shop:
        shop.upsert(Product(id, {"": id.title()}) for id in NAMES["mug"])
    assert "with Mug1" in run("recommend", trained, "--product", "mug1", "-k", 2).stdout
    answer = run_json("recommend", trained, "--product", "mug1", "-k", 1)
    assert "Mug1" in answer["recommendations"][0]["reason"]["text"]["zh"]


def test_a_shopper_and_a_placement_may_be_named(trained: Path, run_json: RunJson) -> None:
    answer = run_json("recommend", trained, "--shopper", "shopper-1", "--placement", "email")
    assert answer["placement"] == "email"
    assert answer["notices"] == []
    assert run_json("recommend", trained, "--shopper", "stranger")["notices"]


@pytest.mark.parametrize("lacking", [True, False])
def test_what_was_left_out_is_told(shop: Path, run: Run, lacking: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Left out" not in run("recommend", "train", shop).stdout
    for library in ("implicit", "lightgbm") if lacking else ():
        monkeypatch.setitem(sys.modules, library, None)
    told = run("recommend", "train", shop) if lacking else run("recommend", "train", shop, "--quick")
    assert told.exit_code == 0, told.output
    assert "session_knn" in told.stdout
    assert "too few sessions" not in told.stdout
    assert "Left out: matrix factors (als) and a learnt order." in told.stdout
    assert "pip install 'openaisle[behaviour]'" in told.stdout
    assert "with Mug1" in run("recommend", shop, "--product", "mug1").stdout


def test_without_training_it_says_what_to_run(shop: Path, run_json: RunJson) -> None:
    error = run_json("recommend", shop, status=2)["error"]
    assert error["type"] == "NotTrained"
    assert "openaisle recommend train" in error["mend"]


@pytest.mark.parametrize("wrong", [("--product", "nothing"), ("-k", "0"), ("--placement", "similar")])
def test_a_wrong_call_is_told_so(trained: Path, run_json: RunJson, wrong: tuple[str, str]) -> None:
    run_json("recommend", trained, *wrong, status=2)


def test_refreshing_takes_in_nothing_where_nothing_happened(trained: Path, run_json: RunJson) -> None:
    told = run_json("recommend", "refresh", trained)
    assert (told["generation"], told["events"], told["products"]) == ("000002", 0, 0)


def test_all_methods_are_compared_on_one_split(shop: Path, run_json: RunJson, run: Run) -> None:
    answer = run_json("recommend", "eval", shop)
    assert set(answer["tasks"]) == {"next product", "next basket"}
    for task in answer["tasks"].values():
        assert {"popular", "session_knn", "als", "blend"} <= set(task["methods"])
        for figures in task["methods"].values():
            assert set(figures) == METRICS
            assert all(each["low"] <= each["mean"] <= each["high"] for each in figures.values())
    followed = answer["tasks"]["next product"]["methods"]["followed"]["hr@20"]["mean"]
    assert followed > 0.9
    assert not (shop / "recommend").exists()
    assert "session_knn" in run("recommend", "eval", shop).output


def test_nothing_can_be_compared_without_events(tmp_path: Path, run: Run, run_json: RunJson) -> None:
    run("init", tmp_path / "empty")
    assert run_json("recommend", "eval", tmp_path / "empty", status=2)["error"]["type"] == "TooFewEvents"
