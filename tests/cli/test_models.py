"""`openaisle models` on a shop with versions as a training leaves them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

sys.path.insert(0, str(Path(__file__).parent.parent / "models" / "registry"))
from registered import add_version, lineage

from openaisle.models.registry import Measured, Registry
from openaisle.settings.editing import set_value

Run = Callable[..., Result]
RunJson = Callable[..., dict[str, Any]]


@pytest.fixture
def shop(tmp_path: Path, run_json: RunJson) -> Path:
    folder, feed = tmp_path / "shop", tmp_path / "feed.jsonl"
    feed.write_text("".join(json.dumps({"id": f"m{n}", "title": f"mug number {n}"}) + "\n" for n in range(20)))
    run_json("init", folder)
    set_value(folder, "encoder", "name", "none")
    run_json("ingest", folder, feed)
    registry = Registry(folder / "models")
    add_version(registry)
    add_version(registry, made_by=lineage(after={"ndcg@10": Measured(0.4)}), dimensions=48)
    return folder


def test_from_a_list_to_a_promotion_and_back(shop: Path, run_json: RunJson) -> None:
    listed = run_json("models", "list", shop)["models"]
    assert [(each["model"], each["in_use"]) for each in listed] == [("shop-encoder@1", None), ("shop-encoder@2", None)]
    assert listed[0]["after"]["ndcg@10"] == {"mean": 0.6, "low": 0.55, "high": 0.65}
    done = run_json("models", "promote", shop, "shop-encoder@1")
    assert (done["slot"], done["before"], done["after"]) == ("encoder", "none", "model:shop-encoder@1")
    assert done["generation"]
    assert run_json("models", "list", shop)["models"][0]["in_use"] == "encoder"
    assert run_json("search", shop, "mug number 7")["hits"][0]["id"] == "m7"
    assert run_json("doctor", shop)["ok"]
    error = run_json("models", "promote", shop, "shop-encoder", status=1)["error"]
    assert (error["type"], "fell by 0.1000" in error["detail"], "--force" in error["mend"]) == (
        "PromotionRefused",
        True,
        True,
    )
    assert run_json("models", "promote", shop, "shop-encoder", "--force")["after"] == "model:shop-encoder@2"
    assert run_json("models", "delete", shop, "shop-encoder@2", status=1)["error"]["type"] == "ModelInUse"
    assert run_json("models", "rollback", shop)["after"] == "model:shop-encoder@1"
    assert run_json("models", "delete", shop, "shop-encoder@2") == {"deleted": "shop-encoder@2"}
    assert [each["model"] for each in run_json("models", "list", shop)["models"]] == ["shop-encoder@1"]


def test_tables_for_people(shop: Path, run: Run) -> None:
    run("models", "promote", shop, "shop-encoder@1")
    table = run("models", "list", shop).stdout
    assert re.search(r"shop-encoder@1 +match +2026-01-02 03:04 +ndcg@10 0.500 → 0.600 +in use: encoder", table)
    card = run("models", "show", shop, "shop-encoder@1").stdout
    assert card.startswith("# shop-encoder@1")
    assert "Licence: MIT" in card
    back = run("models", "rollback", shop).stdout
    assert "The encoder is now none, no longer model:shop-encoder@1" in back


def test_show_as_json(shop: Path, run_json: RunJson) -> None:
    shown = run_json("models", "show", shop, "shop-encoder")
    assert shown["model"] == "shop-encoder@2"
    assert shown["lineage"]["data"]["counts"] == {"train": 800, "test": 100}
    assert shown["card"].startswith("# shop-encoder@2")


def test_a_shop_without_models(tmp_path: Path, run: Run, run_json: RunJson) -> None:
    run_json("init", tmp_path / "new")
    assert run_json("models", "list", tmp_path / "new") == {"models": []}
    assert "openaisle train" in run("models", "list", tmp_path / "new").stdout
    assert run_json("models", "rollback", tmp_path / "new", status=1)["error"]["type"] == "PromotionRefused"


def test_wrong_calls_are_told(shop: Path, run: Run, run_json: RunJson) -> None:
    for command in ("show", "promote"):
        error = run_json("models", command, shop, "shop-encoder@9", status=2)["error"]
        assert error["type"] == "ModelNotFound"
        assert "There are: 1, 2" in error["mend"]
    assert run_json("models", "show", shop, "../etc", status=2)["error"]["type"] == "ModelNotFound"
    assert run_json("models", "delete", shop, "shop-encoder", status=2)["error"]["type"] == "CallError"
    assert run_json("models", "drift", shop, shop / "nothing.txt", status=2)["error"]["type"] == "QueriesError"


def test_a_damaged_model_is_listed_and_not_promoted(shop: Path, run: Run, run_json: RunJson) -> None:
    version = Registry(shop / "models").get("shop-encoder@2")
    (version.folder / "lineage.json").write_text("{")
    listed = run_json("models", "list", shop)["models"]
    assert listed[0]["damaged"] is None
    assert "is not valid" in listed[1]["damaged"]
    assert "damaged" in run("models", "list", shop).stdout
    for command in ("show", "promote"):
        assert run_json("models", command, shop, "shop-encoder@2", status=1)["error"]["type"] == "ModelError"


def test_drift_is_told_against_the_queries_kept_at_promotion(
    shop: Path, tmp_path: Path, run: Run, run_json: RunJson
) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text("".join(f"mug number {n % 20}\n" for n in range(200)))
    new.write_text("".join(f"{'不锈钢保温杯' if n % 2 else 'mug number 3'}\n" for n in range(200)))
    run_json("models", "promote", shop, "shop-encoder@1", "--queries", old)
    same = run_json("models", "drift", shop, old)
    assert (same["level"], same["queries"], same["baseline_queries"]) == ("stable", 200, 200)
    moved = run_json("models", "drift", shop, new)
    levels = {signal["name"]: signal["level"] for signal in moved["signals"]}
    assert moved["level"] == levels["language"] == levels["new words"] == levels["meaning"] == "act"
    told = run("models", "drift", shop, new, "--baseline", old).stdout
    assert re.search(r"language +act +PSI", told)
    assert "→ language: Judge queries" in told
    run_json("models", "drift", shop, new, "--keep")
    assert run_json("models", "drift", shop, new)["level"] == "stable"


def test_a_baseline_that_cannot_be_read_stops_a_promotion(shop: Path, tmp_path: Path, run_json: RunJson) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    error = run_json("models", "promote", shop, "shop-encoder@1", "--queries", tmp_path / "empty.txt", status=2)[
        "error"
    ]
    assert error["type"] == "QueriesError"
    assert run_json("models", "list", shop)["models"][0]["in_use"] is None
