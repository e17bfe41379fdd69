from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openaisle.errors import RecipeError
from openaisle.learning.recipe import read_recipe, recipe_of

SMALLEST = {"name": "shop-encoder", "task": "match", "data": {"path": "judgments.tsv.gz"}}


def write(folder: Path, text: str) -> Path:
    file = folder / "recipe.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(stated: dict[str, Any]) -> RecipeError:
    with pytest.raises(RecipeError) as caught:
        recipe_of(stated, Path("folder"))
    return caught.value


def test_everything_but_name_task_and_data_has_a_default(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path, 'name = "shop-encoder"\ntask = "match"\n[data]\npath = "judgments.tsv.gz"\n'))
    assert (recipe.base, recipe.seed, recipe.train.what) == ("starter", 7, "everything")
    assert recipe.data.path == tmp_path / "judgments.tsv.gz"


def test_values_are_read_from_every_table(tmp_path: Path) -> None:
    recipe = read_recipe(
        write(
            tmp_path,
            """\
name = "kinds"
task = "classify"
[data]
source = "labelled"
path = "texts.csv"
columns = { text = "review", label = "stars" }
[train]
what = "last:2"
learning_rate = 1e-3
matryoshka = [64, 32]
[gate]
guarded = { accuracy = 0.01 }
[tune.space]
"train.learning_rate" = { low = 1e-5, high = 1e-3, log = true }
""",
        )
    )
    assert recipe.data.columns == {"text": "review", "label": "stars"}
    assert (recipe.train.what, recipe.train.learning_rate, recipe.train.matryoshka) == ("last:2", 1e-3, (64, 32))
    assert recipe.gate.guarded == {"accuracy": 0.01}
    assert recipe.tune.space["train.learning_rate"].log


def test_the_task_says_what_the_recipe_does_not() -> None:
    recipe = recipe_of({**SMALLEST, "task": "classify"}, Path())
    assert (recipe.train.loss, recipe.train.metric) == ("cross_entropy", "accuracy")
    assert recipe.gate.guarded == {"accuracy": 0.005}


def test_an_empty_gate_guards_nothing() -> None:
    assert recipe_of({**SMALLEST, "gate": {"guarded": {}}}, Path()).gate.guarded == {}


def test_a_base_in_a_folder_is_found_beside_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    assert recipe_of({**SMALLEST, "base": "base"}, tmp_path).base == str(tmp_path / "base")
    assert recipe_of({**SMALLEST, "base": "intfloat/some-model"}, tmp_path).base == "intfloat/some-model"


@pytest.mark.parametrize(
    ("change", "detail", "mend"),
    [
        ({"name": "Shop Encoder"}, 'name cannot be "Shop Encoder"', "a-z"),
        ({"task": "guess"}, 'task cannot be "guess"', "match, rerank, classify"),
        ({"epochs": 3}, "there is no key epochs", "Did you mean train.epochs?"),
        ({"train": {"learning_rat": 1}}, "there is no key train.learning_rat", "Did you mean train.learning_rate?"),
        ({"train": {"learning_rate": "high"}}, 'train.learning_rate cannot be "high"', "a number from"),
        ({"train": {"batch_size": 0}}, "train.batch_size cannot be 0", "a whole number from 1"),
        ({"train": {"batch_size": True}}, "train.batch_size cannot be true", "a whole number"),
        ({"train": {"what": "last:0"}}, 'train.what cannot be "last:0"', "last:N"),
        ({"train": 3}, "train must be a table", "[train]"),
        ({"data": {"path": "x", "fields": ["price"]}}, "data.fields cannot be ['price']", "a list of title"),
        ({"data": {}}, "data.path is missing", "Name the file"),
        ({"data": {"path": "x", "train": 0.9}}, "add up to 1.1", "1 together"),
        ({"data": {"path": "x", "train": 0}}, "nothing to learn from", "0.8"),
        ({"task": "distil"}, "train.teachers is missing", "teachers ="),
        ({"train": {"epochs": 0}}, "both 0", "Set one"),
        ({"task": "classify", "export": {"vectors": "binary"}}, "classify makes none", "Leave it out"),
        ({"model": {"grams": 2}}, "model.grams is for the task classify, and this is match", "Leave it out"),
        ({"task": "classify", "model": {"grams": 2}, "train": {"loss": "few_shot"}}, "do not go together", "Leave one"),
        ({"gate": {"guarded": {"ndcg@10": -1}}}, "gate.guarded cannot be -1", "metric = number"),
        ({"tune": {"space": {"train.epochs": {"low": 2}}}}, "neither a range nor", "choices"),
        ({"tune": {"space": {"train.epochs": {"lowest": 2}}}}, "tune.space cannot be 2", "low, high"),
    ],
)
def test_a_refusal_names_the_key_and_what_it_may_be(change: dict[str, Any], detail: str, mend: str) -> None:
    error = refusal({**SMALLEST, **change})
    assert detail in error.detail
    assert mend in error.mend
    assert error.exit_status == 2


def test_what_is_required_is_asked_for() -> None:
    error = refusal({"task": "match"})
    assert "name is missing" in error.detail


@pytest.mark.parametrize(
    ("content", "detail"),
    [(b"name = ", "not valid TOML"), (b"\xff\xfe", "not UTF-8"), (b"#" * 1_000_001, "larger than")],
)
def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path, content: bytes, detail: str) -> None:
    file = tmp_path / "recipe.toml"
    file.write_bytes(content)
    with pytest.raises(RecipeError, match=detail):
        read_recipe(file)


def test_a_recipe_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")
