"""Pretraining by the same training run as every task."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from openaisle.learning.answers import comparable
from openaisle.learning.data.digest import data_set
from openaisle.learning.examples import DataSet, Plain
from openaisle.learning.recipe import read_recipe
from openaisle.learning.training import run_training
from openaisle.learning.training.opening import begin, open_finished
from openaisle.learning.unlabelled.build import TASKS
from openaisle.learning.unlabelled.pretraining import PretrainingHead
from openaisle.sample.generate import products

RECIPE = """\
name = "adapted"
task = "{task}"
base = {base}
[data]
source = "texts"
path = "texts.txt"
[model]
max_tokens = 24
dropout = 0.1
[train]
what = "{what}"
max_steps = 12
batch_size = 16
learning_rate = 3e-3
[tracking]
tensorboard = false
"""


@pytest.fixture(scope="module")
def data() -> DataSet:
    texts = [Plain(title) for title in sorted({item["title"]["en"] for item in products()})[::10]]
    return data_set(texts[:64], texts[64:80], texts[80:90])


@pytest.mark.parametrize(("task", "what"), [("mlm", "everything"), ("simcse", "lora"), ("tsdae", "adapter")])
def test_runs_validates_and_opens_again(task: str, what: str, data: DataSet, tiny_base: Path, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE.format(task=task, base=json.dumps(str(tiny_base)), what=what), encoding="utf-8")
    recipe = read_recipe(path)
    head = begin(recipe, data).head
    assert isinstance(head, PretrainingHead)
    before = head.measure(data.validation)["loss"]
    trained = run_training(head, data, recipe, tmp_path / "run", tell=lambda *_: None, resume=False)
    assert trained.best_metric is not None
    assert trained.best_metric < before
    trained.save(tmp_path / "weights")
    opened = open_finished(recipe, tmp_path / "weights")
    assert isinstance(opened, PretrainingHead)
    assert opened.task == task
    texts = [example.text for example in data.test if isinstance(example, Plain)]
    np.testing.assert_allclose(opened.encode(texts, "document"), head.encode(texts, "document"), atol=1e-4)


def test_plain_texts_are_not_compared(data: DataSet) -> None:
    assert comparable(data.test) == ()
    assert set(TASKS) == {"mlm", "simcse", "tsdae"}
