"""Classification from a few labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.data.digest import data_set
from openaisle.learning.examples import Labelled
from openaisle.learning.heads import Head, HeadOptions, load_head
from openaisle.learning.heads.classify import ClassifyHead
from openaisle.learning.recipe import read_recipe
from openaisle.learning.training import run_training
from openaisle.learning.training.opening import begin, open_finished
from openaisle.learning.unlabelled.few_shot import FewShotHead
from openaisle.sample.generate import products

OPTIONS = HeadOptions(max_tokens=24)
DEPARTMENTS = ("Kitchen", "Menswear", "Pets", "Toys & Games")
RECIPE = """\
name = "departments"
task = "classify"
base = {base}
[data]
source = "labelled"
path = "labels.csv"
[model]
max_tokens = 24
dropout = 0.0
[train]
loss = "few_shot"
what = "{what}"
max_steps = 30
batch_size = 16
learning_rate = 3e-3
evaluate_every = 10
[tracking]
tensorboard = false
"""


def titles(each: int, skip: int = 0) -> list[Labelled]:
    found: dict[str, list[str]] = {name: [] for name in DEPARTMENTS}
    for item in list(products())[::3]:
        if item["category"][0] in found:
            found[item["category"][0]].append(item["title"]["en"])
    return [Labelled(title, (name,)) for name in DEPARTMENTS for title in found[name][skip : skip + each]]


@pytest.fixture
def backbone(tiny_base: Path) -> Backbone:
    return open_backbone(str(tiny_base), max_tokens=24, dropout=0.0)


def test_one_label_teaches_nothing(backbone: Backbone) -> None:
    with pytest.raises(DataError):
        FewShotHead(backbone, OPTIONS, [Labelled("a", ("x",))])


def test_each_text_has_a_partner_of_its_label(backbone: Backbone) -> None:
    head = FewShotHead(backbone, OPTIONS, titles(4))
    labels = head.collate(titles(2))["labels"]
    assert labels[:8].tolist() == labels[8:].tolist()


def test_the_loss_is_0_where_alike_are_one_and_others_apart(backbone: Backbone) -> None:
    from openaisle.learning.unlabelled.few_shot import _of_pairs

    labels = torch.tensor([0, 0, 1])
    assert _of_pairs(torch.eye(2)[labels], labels).item() == 0
    assert _of_pairs(torch.eye(3), labels).item() == pytest.approx(1)
    assert _of_pairs(torch.ones(3, 1), labels).item() == pytest.approx(1)
    assert _of_pairs(torch.ones(1, 1), torch.tensor([0])).item() == 0


@pytest.mark.parametrize("what", ["everything", "lora", "head"])
def test_a_recipe_trains_it(what: str, tiny_base: Path, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE.format(base=json.dumps(str(tiny_base)), what=what), encoding="utf-8")
    recipe = read_recipe(path)
    data = data_set(titles(8), titles(10, skip=8), titles(25, skip=18))
    head = begin(recipe, data).head
    assert isinstance(head, FewShotHead)
    assert isinstance(head, Head)
    before = head.measure(data.test)["accuracy"]
    trained = run_training(head, data, recipe, tmp_path / "run", tell=lambda *_: None, resume=False)
    after = trained.head.measure(data.test)["accuracy"]
    if what == "everything":  # frozen random weights have little to say
        assert after > max(0.5, before)
    trained.save(tmp_path / "weights")
    opened = open_finished(recipe, tmp_path / "weights")
    assert opened.measure(data.test)["accuracy"] == pytest.approx(after)
    assert type(load_head(tmp_path / "weights")) is ClassifyHead
