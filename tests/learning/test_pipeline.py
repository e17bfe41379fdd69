"""The story of a training with a tiny base, for several tasks, and what stays when it ends badly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openaisle.errors import DataError, ModelNotFound, RecipeError, ShopLocked, TrainingDiverged
from openaisle.learning import pipeline
from openaisle.learning.data import Supplies, read_data_set
from openaisle.learning.pipeline import Order, Outcome, train
from openaisle.learning.recipe import Recipe, recipe_of
from openaisle.learning.training import worker
from openaisle.learning.training.opening import open_finished
from openaisle.models.onnx import OnnxEncoder
from openaisle.models.registry import Registry

Train = Callable[..., Outcome]

_GOODS = {"kettle": "electric kettle of steel", "shoe": "running shoes for trails", "lamp": "dimmed desk lamp"}


def labelled(folder: Path, count: int = 90) -> Path:
    file = folder / "texts.csv"
    kinds = list(_GOODS)
    rows = [f"{_GOODS[kinds[number % 3]]} {number},{kinds[number % 3]}" for number in range(count)]
    file.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return file


def pairs(folder: Path) -> Path:
    file = folder / "pairs.tsv"
    rows = [f"{kind} {number}\t{text} number {number}" for kind, text in _GOODS.items() for number in range(25)]
    file.write_text("\n".join(["query\ttext", *rows]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


@pytest.fixture
def recipe(tmp_path: Path, tiny_base: Path) -> Callable[..., Recipe]:
    """A recipe that classifies, with other keys of [train] and other tables where they are given."""

    def make(train: dict[str, Any] | None = None, **tables: Any) -> Recipe:
        stated: dict[str, Any] = {
            "name": "kinds",
            "task": "classify",
            "base": str(tiny_base),
            "data": {"source": "labelled", "path": labelled(tmp_path)},
            "model": {"max_tokens": 24},
            "train": {"epochs": 2, "batch_size": 16, "learning_rate": 2e-3, **(train or {})},
            "tracking": {"tensorboard": False},
            "export": {"quantise": "none"},
        }
        return recipe_of({**stated, **tables}, tmp_path)

    return make


@pytest.fixture
def carry_out(registry: Registry) -> Train:
    def run(recipe: Recipe, **order: Any) -> Outcome:
        tell = order.pop("tell", lambda stage, done, total: None)
        return train(Order(recipe, **order), registry, Supplies(products=()), tell)

    return run


def test_a_classifier_is_trained_compared_and_registered(
    carry_out: Train, recipe: Callable[..., Recipe], registry: Registry
) -> None:
    outcome = carry_out(recipe({"start": "random"}), text="the recipe")
    told = outcome.as_dict()
    assert (told["model"], told["version"], told["task"]) == ("kinds", 1, "classify")
    assert told["metrics"]["after"]["accuracy"] > told["metrics"]["before"]["accuracy"]
    assert told["gate"]["passed"]
    version = registry.get("kinds@1")
    version.verify()
    lineage = version.lineage()
    assert (lineage.recipe, lineage.base, lineage.parent) == ("the recipe", Path(recipe().base).name, None)
    assert lineage.guarded == {"accuracy": 0.005}
    assert lineage.parameters["trainable_parameters"] == lineage.parameters["all_parameters"]
    data = read_data_set(version.folder / "data")
    assert data.digest == lineage.data.digest
    opened: Any = open_finished(recipe(), version.folder / "weights")
    assert opened.measure(data.test)["accuracy"] == pytest.approx(told["metrics"]["after"]["accuracy"])
    assert not [run for run in registry.runs("kinds").iterdir() if run.is_dir()]


@pytest.mark.parametrize("what", ["lora", "adapter", "last:1"])
def test_whatever_trains_ends_as_a_version(
    carry_out: Train, recipe: Callable[..., Recipe], registry: Registry, what: str
) -> None:
    outcome = carry_out(recipe({"what": what, "learning_rate": 5e-3}))
    version = registry.get("kinds@1")
    opened: Any = open_finished(recipe(), version.folder / "weights")
    test = read_data_set(version.folder / "data").test
    assert opened.measure(test)["accuracy"] == pytest.approx(outcome.as_dict()["metrics"]["after"]["accuracy"])
    parameters = version.lineage().parameters
    assert 0 < parameters["trainable_parameters"] < parameters["all_parameters"]


def test_an_encoder_without_labels_can_be_promoted_to(
    carry_out: Train, recipe: Callable[..., Recipe], registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "texts.txt").write_text("\n".join(f"{text} {n}" for text in _GOODS.values() for n in range(20)))
    wanted = recipe(task="simcse", data={"source": "texts", "path": "texts.txt"}, model={"dropout": 0.1})
    outcome = carry_out(wanted)
    assert outcome.comparison is None
    assert outcome.as_dict()["metrics"] == {"before": {}, "after": {}}
    assert registry.get("kinds@1").manifest().dimensions == 32


def test_training_goes_on_from_a_version_with_what_is_new(
    carry_out: Train, recipe: Callable[..., Recipe], registry: Registry, tmp_path: Path
) -> None:
    with pytest.raises(ModelNotFound, match="no version of kinds"):
        carry_out(recipe(), since_last=True)
    carry_out(recipe())
    with pytest.raises(DataError, match="Nothing to learn from has come since kinds@1"):
        carry_out(recipe(), since_last=True)
    grown = recipe()
    labelled(tmp_path, 150)
    outcome = carry_out(grown, since_last=True)
    assert outcome.registered.version == 2
    lineage = registry.get("kinds@2").lineage()
    assert lineage.parent == "kinds@1"
    assert lineage.base == registry.get("kinds@1").lineage().base
    old, new = (read_data_set(registry.get(f"kinds@{number}").folder / "data") for number in (1, 2))
    assert 0 < len(set(new.train) & set(old.train)) < len(old.train)
    assert set(old.test) < set(new.test)
    assert outcome.as_dict()["metrics"]["before"]["accuracy"] > 0.5


def test_a_version_is_a_base(carry_out: Train, recipe: Callable[..., Recipe], registry: Registry) -> None:
    carry_out(recipe())
    carry_out(recipe(name="more", base="kinds@1"))
    lineage = registry.get("more").lineage()
    assert lineage.parent == "kinds@1"
    with pytest.raises(ModelNotFound):
        carry_out(recipe(base="kinds@9"))


def test_what_was_trained_is_not_trained_again(
    carry_out: Train, recipe: Callable[..., Recipe], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill behind the training: what comes after it begins anew, the training does not."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "register", killed)
        with pytest.raises(KeyboardInterrupt):
            carry_out(recipe())
    assert registry.versions("kinds") == []
    monkeypatch.setattr(pipeline, "run_training", killed)
    monkeypatch.setattr(pipeline, "build", killed)
    outcome = carry_out(recipe(), resume=True)
    assert outcome.registered.version == 1


def test_what_workers_trained_is_registered(
    carry_out: Train, recipe: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The workers run here, one after the other, which starts faster; test_processes.py has them beside each other."""

    def run_workers(run: Path, processes: int, tell: object, *, resume: bool) -> None:
        assert (processes, resume) == (2, False)
        monkeypatch.setattr("sys.argv", ["worker", str(run)])
        assert worker.main() == 0

    monkeypatch.setattr(pipeline, "run_workers", run_workers)
    outcome = carry_out(recipe(), processes=2)
    assert outcome.registered.version == 1
    assert outcome.trained.steps > 0
    assert capsys.readouterr().out.splitlines()[-1] == f'["training", {outcome.trained.steps}, {outcome.trained.steps}]'


def test_a_training_that_diverges_registers_nothing(
    carry_out: Train, recipe: Callable[..., Recipe], registry: Registry
) -> None:
    wild = recipe({"optimizer": "sgd", "learning_rate": 10.0, "clip": 0.0, "momentum": 0.99, "epochs": 30})
    with pytest.raises(TrainingDiverged):
        carry_out(wild)
    assert registry.versions("kinds") == []
    assert not list((registry.folder / "kinds").glob(".staged*"))


def test_data_that_teach_nothing_register_nothing(
    carry_out: Train, recipe: Callable[..., Recipe], registry: Registry, tmp_path: Path
) -> None:
    wanted = recipe()
    assert wanted.data.path is not None
    wanted.data.path.write_text("text,label\n" + "a kettle,kettle\n" * 30, encoding="utf-8")
    with pytest.raises(DataError):
        carry_out(wanted)
    wanted.data.path.write_text("text,label\n", encoding="utf-8")
    with pytest.raises(DataError):
        carry_out(wanted)
    with pytest.raises(RecipeError, match="loss"):
        carry_out(recipe({"loss": "triplet"}))
    assert registry.versions("kinds") == []


def test_one_recipe_is_trained_by_one_at_a_time(carry_out: Train, recipe: Callable[..., Recipe]) -> None:
    def again(stage: str, done: int, total: int | None) -> None:
        if stage == "training":
            carry_out(recipe())

    with pytest.raises(ShopLocked, match="Another process trains this recipe"):
        carry_out(recipe(), tell=again)


def test_without_a_test_split_nothing_is_compared(carry_out: Train, recipe: Callable[..., Recipe]) -> None:
    wanted = recipe()
    outcome = carry_out(replace(wanted, data=replace(wanted.data, test=0.0)))
    assert outcome.comparison is None
    assert outcome.registered.report is None


def test_a_match_model_says_how_its_cosines_read(
    carry_out: Train, recipe: Callable[..., Recipe], registry: Registry, tmp_path: Path
) -> None:
    wanted = recipe(task="match", data={"source": "pairs", "path": pairs(tmp_path), "negatives": 0})
    outcome = carry_out(wanted)
    assert outcome.as_dict()["metrics"]["after"]["ndcg@10"] > 0
    cosines = registry.get("kinds").manifest().cosines
    assert -1 <= cosines.unrelated < cosines.related <= 1


def test_a_match_model_says_in_what_numbers_an_index_keeps_its_vectors(
    carry_out: Train, recipe: Callable[..., Recipe], registry: Registry, tmp_path: Path
) -> None:
    export = {"quantise": "none", "vectors": "binary"}
    data = {"source": "pairs", "path": pairs(tmp_path), "negatives": 0}
    carry_out(recipe({"loss": "binary_codes"}, task="match", data=data, export=export))
    version = registry.get("kinds")
    assert version.manifest().vectors == "binary"
    assert OnnxEncoder.open(version.folder).identity.vectors == "binary"
    told = version.lineage().parameters["export"]["vectors"]
    assert told["numbers"] == "binary"
    assert told["bytes_a_vector"] < 32  # of 32 dimensions that are floats in the model
    assert 0 <= told["recall@10"] <= 1
