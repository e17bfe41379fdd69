"""`openaisle tune` on the sample store with a tiny base: from a recipe to the best one, over a kill."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openaisle import sample
from openaisle.learning.recipe import read_recipe
from openaisle.shop import Shop

RunJson = Callable[..., dict[str, Any]]

RECIPE = """\
name = "shop-encoder"
task = "match"
base = "{base}"
[data]
path = "judgments.tsv"
negatives = 0
limit = 60
[train]
max_steps = 6
evaluate_every = 3
batch_size = 8
learning_rate = 1e-3
[tune]
trials = 4
[tune.space]
"train.learning_rate" = {{ low = 1e-5, high = 1e-2, log = true }}
"train.what" = {{ choices = ["everything", "lora"] }}
"""


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stocked")
    sample.write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAISLE_ENCODER_NAME", "none")
        with Shop.create(folder / "shop") as shop:
            shop.ingest(folder / "feed.jsonl")
    return folder


@pytest.fixture
def shop(stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    shutil.copytree(stocked / "shop", tmp_path / "shop")
    shutil.copy(sample.judgments_path(), tmp_path / "judgments.tsv")
    return tmp_path / "shop"


@pytest.fixture
def recipe(shop: Path, tiny_base: Path) -> Path:
    file = shop.parent / "recipe.toml"
    file.write_text(RECIPE.format(base=tiny_base), encoding="utf-8")
    return file


def test_the_best_recipe_is_written_beside_the_recipe(shop: Path, recipe: Path, run_json: RunJson) -> None:
    told = run_json("tune", shop, recipe)
    assert (told["model"], told["metric"], len(told["trials"])) == ("shop-encoder", "ndcg@10", 4)
    assert told["written"]["values"] == {"train.learning_rate": 1e-3, "train.what": "everything"}
    assert told["best"]["value"] >= told["written"]["value"]
    # validated before the first step and twice after
    assert all(len(trial["course"]) == 3 for trial in told["trials"] if trial["state"] == "complete")
    best = read_recipe(Path(told["recipe"]))
    assert told["recipe"] == str(recipe.with_name("recipe.best.toml"))
    assert best.train.learning_rate == told["best"]["values"]["train.learning_rate"]
    assert best.data.path == recipe.parent / "judgments.tsv"
    assert Path(told["report"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert not list((shop / "models" / "shop-encoder" / "tune").glob("trial-*"))
    with Shop.open(shop) as opened:
        assert opened.registry.names() == []


def test_a_killed_tuning_is_resumed(shop: Path, recipe: Path, run_json: RunJson) -> None:
    command = [sys.executable, "-m", "openaisle", "tune", str(shop), str(recipe)]
    folder = shop / "models" / "shop-encoder" / "tune"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tuning:
        # the second trial has begun
        deadline = time.monotonic() + 120
        while not (folder / "trial-1").is_dir() and time.monotonic() < deadline and tuning.poll() is None:
            time.sleep(0.02)
        os.kill(tuning.pid, signal.SIGKILL)
    assert (folder / "trial-1").is_dir()
    told = run_json("tune", shop, recipe, "--resume", "--trials", "3")
    assert len(told["trials"]) == 3
    assert told["study"].endswith("-1")
    assert told["trials"][0]["values"]["train.learning_rate"] == 1e-3
    assert told["trials"][0]["state"] == "complete"
    assert not list(folder.glob("trial-*"))


def test_a_key_that_does_not_exist_is_refused(shop: Path, recipe: Path, run_json: RunJson) -> None:
    recipe.write_text(recipe.read_text("utf-8").replace("train.what", "train.wat"), encoding="utf-8")
    error = run_json("tune", shop, recipe, status=2)["error"]
    assert error["type"] == "RecipeError"
    assert "train.wat" in error["detail"]
    assert not (shop / "models").exists()


def test_without_a_validation_split_there_is_nothing_to_choose_by(shop: Path, recipe: Path, run_json: RunJson) -> None:
    text = recipe.read_text("utf-8").replace("limit = 60", "limit = 60\nvalidation = 0.0")
    recipe.write_text(text, encoding="utf-8")
    error = run_json("tune", shop, recipe, status=2)["error"]
    assert error["type"] == "DataError"
    assert "data.validation" in error["mend"]


def test_people_are_told_the_outcome_and_what_is_next(shop: Path, recipe: Path, run: Callable[..., Any]) -> None:
    result = run("tune", shop, recipe, "--trials", "2")
    assert result.exit_code == 0, result.output
    assert "Best ndcg@10 on the validation split" in result.stdout
    assert f"openaisle train {shop} {recipe.with_name('recipe.best.toml')}" in result.stdout
    assert "train.learning_rate" in result.stdout
