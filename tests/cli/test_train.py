"""`openaisle train` from a recipe to a registered version, on the sample store with a tiny base."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from openaisle import sample
from openaisle.models.manifest import read_manifest
from openaisle.models.registry import Registry
from openaisle.shop import Shop

Run = Callable[..., Result]
RunJson = Callable[..., dict[str, Any]]

_JUDGMENTS = 700
"""Lines of judgments that are used: some fifty queries."""

RECIPE = """\
name = "shop-encoder"
task = "match"
base = "{base}"
[data]
path = "judgments.tsv"
negatives = 2
[train]
epochs = 2
batch_size = 16
learning_rate = 1e-3
"""


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with the products that the first judged queries speak of, and those judgments."""
    folder = tmp_path_factory.mktemp("stocked")
    sample.write(folder / "sample")
    head, *judged = sample.judgments_path().read_text(encoding="utf-8").splitlines()[:_JUDGMENTS]
    (folder / "judgments.tsv").write_text("\n".join([head, *judged]) + "\n", encoding="utf-8")
    wanted = {line.split("\t")[1] for line in judged}
    with (folder / "sample" / "feed.jsonl").open(encoding="utf-8") as feed:
        products = [line for line in feed if json.loads(line)["id"] in wanted]
    (folder / "feed.jsonl").write_text("".join(products), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAISLE_ENCODER_NAME", "none")
        with Shop.create(folder / "shop") as shop:
            shop.ingest(folder / "feed.jsonl")
    return folder


@pytest.fixture
def shop(stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")
    shutil.copytree(stocked / "shop", tmp_path / "shop")
    shutil.copy(stocked / "judgments.tsv", tmp_path)
    return tmp_path / "shop"


@pytest.fixture
def recipe(shop: Path, tiny_base: Path) -> Path:
    file = shop.parent / "recipe.toml"
    file.write_text(RECIPE.format(base=tiny_base), encoding="utf-8")
    return file


def test_a_training_ends_with_a_registered_version(shop: Path, recipe: Path, run_json: RunJson) -> None:
    told = run_json("train", shop, recipe)
    assert (told["model"], told["version"], told["task"]) == ("shop-encoder", 1, "match")
    # six test queries on random weights: that training helps is tested where it can show
    assert told["metrics"]["after"]["ndcg@10"] != told["metrics"]["before"]["ndcg@10"]
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


LABELLED = """\
name = "kinds"
task = "classify"
base = "{base}"
[data]
source = "labelled"
path = "texts.csv"
[train]
max_steps = 4
[tracking]
tensorboard = false
[export]
quantise = "none"
"""


def test_people_are_told_what_changed_and_what_to_do_next(shop: Path, tiny_base: Path, run: Run) -> None:
    texts = [f"{kind} number {number},{kind}" for number in range(40) for kind in ("kettle", "shoe")]
    (shop.parent / "texts.csv").write_text("\n".join(["text,label", *texts]), encoding="utf-8")
    recipe = shop.parent / "kinds.toml"
    recipe.write_text(LABELLED.format(base=tiny_base), encoding="utf-8")
    result = run("train", shop, recipe, "--resume")
    assert result.exit_code == 0, result.output
    assert "accuracy" in result.stdout
    assert "Registered kinds@1" in result.stdout
    assert "report.html" in result.stdout
    assert f"openaisle models promote {shop} kinds@1" not in result.stdout  # searches have no use for a classifier


@pytest.mark.parametrize(
    ("line", "kind", "detail"),
    [
        ("epochs = 3", "RecipeError", "there is no key epochs"),
        ('base = "../none"', "ModelError", "no model folder"),
        ('base = "kinds@3"', "ModelNotFound", "no model called kinds"),
    ],
)
def test_a_recipe_that_cannot_be_used_is_refused(
    shop: Path, run_json: RunJson, line: str, kind: str, detail: str
) -> None:
    recipe = shop.parent / "recipe.toml"
    recipe.write_text(f'name = "x"\ntask = "match"\n{line}\n[data]\npath = "judgments.tsv"\nnegatives = 0\n')
    error = run_json("train", shop, recipe, status=1 if kind == "ModelError" else 2)["error"]
    assert error["type"] == kind
    assert detail in error["detail"]
    assert not Registry(shop / "models").names()


def test_nothing_to_go_on_from_is_said(shop: Path, recipe: Path, run_json: RunJson) -> None:
    error = run_json("train", shop, recipe, "--since", "last", status=2)["error"]
    assert error["type"] == "ModelNotFound"
    assert "--since last" in error["mend"]


def test_training_that_is_not_installed_says_how_to_install_it(
    shop: Path, recipe: Path, run_json: RunJson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openaisle.cli.train.find_spec", lambda name: None)
    error = run_json("train", shop, recipe, status=2)["error"]
    assert error["type"] == "MissingExtra"
    assert 'pip install "openaisle[train]"' in error["mend"]
