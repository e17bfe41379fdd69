"""`openaisle train` from a recipe to a registered version, on the sample store with a tiny base."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openaisle import sample
from openaisle.models.manifest import read_manifest
from openaisle.models.registry import Registry
from openaisle.shop import Shop

RunJson = Callable[..., dict[str, Any]]

RECIPE = """\
name = "shop-encoder"
task = "match"
base = "{base}"
[data]
path = "judgments.tsv"
negatives = 2
limit = 60
[train]
epochs = 2
batch_size = 16
learning_rate = 1e-3
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = Path(__file__).parent.parent / "learning" / "tiny.py"
    specification = importlib.util.spec_from_file_location("tiny", file)
    assert specification is not None
    assert specification.loader is not None
    tiny = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tiny)
    folder: Path = tiny.tiny_backbone(tmp_path_factory.mktemp("tiny"))
    return folder


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
def recipe(shop: Path, base: Path) -> Path:
    file = shop.parent / "recipe.toml"
    file.write_text(RECIPE.format(base=base), encoding="utf-8")
    return file


def test_a_training_ends_with_a_registered_version(shop: Path, recipe: Path, run_json: RunJson) -> None:
    told = run_json("train", shop, recipe)
    assert (told["model"], told["version"], told["task"]) == ("shop-encoder", 1, "match")
    assert told["metrics"]["after"]["ndcg@10"] > told["metrics"]["before"]["ndcg@10"]
    assert Path(told["report"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert told["seconds"] > 0
    version = Registry(shop / "models").get("shop-encoder")
    version.verify()
    lineage = version.lineage()
    assert lineage.recipe == recipe.read_text(encoding="utf-8")
    assert lineage.after["ndcg@10"].mean == pytest.approx(told["metrics"]["after"]["ndcg@10"])
    assert lineage.data.counts["train"] > lineage.data.counts["test"] > 0
    assert read_manifest(version.folder).dimensions == 32
    assert not list((shop / "models" / "shop-encoder" / "runs").glob("*/checkpoint-*"))
    assert list((shop / "models" / "shop-encoder" / "runs" / "1" / "tensorboard").iterdir())
