"""A classifier's layer that is a logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.data.digest import data_set
from openaisle.learning.examples import Labelled
from openaisle.learning.heads import HeadOptions
from openaisle.learning.heads.classify import ClassifyHead
from openaisle.learning.heads.logistic import fit_logistic, some_of
from openaisle.learning.losses.cross_entropy import CrossEntropy
from openaisle.learning.recipe import recipe_of
from openaisle.learning.training.opening import begin
from openaisle.sample.generate import products

OPTIONS = HeadOptions(max_tokens=24)
DEPARTMENTS = ("Kitchen", "Menswear", "Pets", "Toys & Games")


def titles(each: int, labels: Sequence[str] = DEPARTMENTS) -> list[Labelled]:
    found: dict[str, list[str]] = {name: [] for name in labels}
    for item in list(products())[::3]:
        if item["category"][0] in found:
            found[item["category"][0]].append(item["title"]["en"])
    return [Labelled(title, (name,)) for name in labels for title in found[name][:each]]


def new(backbone: Backbone, labels: Sequence[str] = DEPARTMENTS) -> ClassifyHead:
    return ClassifyHead(backbone, OPTIONS, CrossEntropy(), labels)


def layer(head: Any) -> torch.Tensor:
    weights: torch.Tensor = head.module.output[-1].weight
    return weights.detach().clone()


@pytest.mark.parametrize("labels", [DEPARTMENTS, DEPARTMENTS[:2]])
def test_the_layer_is_the_regression_that_cross_validation_likes_best(
    labels: tuple[str, ...], backbone: Backbone
) -> None:
    examples, head = titles(8, labels), new(backbone, labels)
    fit_logistic(head, examples)
    vectors = _standard(_vectors(head, examples))
    wanted = [example.labels[0] for example in examples]
    folds = StratifiedKFold(3, shuffle=True, random_state=7)
    regressions = [LogisticRegression(C=strength / 32, max_iter=1000) for strength in (1, 3, 10, 30, 100)]
    scores = [cross_val_score(regression, vectors, wanted, cv=folds).mean() for regression in regressions]
    expected = regressions[int(np.argmax(scores))].fit(vectors, wanted)
    found = head.probabilities([example.text for example in examples])
    np.testing.assert_allclose(found, expected.predict_proba(vectors), atol=1e-4)


@pytest.mark.parametrize("each", [1, 2, 3])
def test_few_texts_of_a_label_are_enough(each: int, backbone: Backbone) -> None:
    examples, head = titles(each), new(backbone)
    fit_logistic(head, examples)
    assert head.predict([example.text for example in examples]) == [example.labels[0] for example in examples]


def test_of_many_texts_some_are_taken_and_every_label_with_them() -> None:
    examples = [*[Labelled(f"text {number}", ("often",)) for number in range(500)], Labelled("one", ("rare",))]
    chosen = some_of(examples, 50)
    assert 50 <= len(chosen) <= 52
    assert {example.labels[0] for example in chosen} == {"often", "rare"}
    assert chosen == some_of(examples, 50)


def test_a_label_without_a_text_is_named(backbone: Backbone) -> None:
    with pytest.raises(DataError, match="Shoes"):
        fit_logistic(new(backbone, (*DEPARTMENTS, "Shoes")), titles(2))


def test_a_text_with_two_labels_is_refused(backbone: Backbone) -> None:
    with pytest.raises(DataError, match="2 labels"):
        fit_logistic(new(backbone), [*titles(2), Labelled("both", ("Pets", "Kitchen"))])


@pytest.mark.parametrize("start", ["probe", "random"])
def test_a_training_begins_with_it_unless_told_otherwise(start: str, tiny_base: Path, tmp_path: Path) -> None:
    data = data_set(titles(8), [], [])
    begun: Any = begin(_recipe(tiny_base, tmp_path, start), data).head
    probed = new(open_backbone(str(tiny_base), max_tokens=24))
    fit_logistic(probed, titles(8))
    same = torch.allclose(layer(begun), layer(probed), atol=1e-6)
    assert same == (start == "probe")


def test_a_layer_that_has_learnt_is_kept(tiny_base: Path, tmp_path: Path) -> None:
    data = data_set(titles(8), [], [])
    before: Any = begin(_recipe(tiny_base, tmp_path, "random"), data).head
    before.save(tmp_path / "trained")
    after = begin(_recipe(tmp_path / "trained", tmp_path, "probe"), data).head
    torch.testing.assert_close(layer(after), layer(before))


def _recipe(base: Path, folder: Path, start: str) -> Any:
    stated = {
        "name": "departments",
        "task": "classify",
        "base": str(base),
        "data": {"source": "labelled", "path": "labels.csv"},
        "model": {"max_tokens": 24},
        "train": {"start": start},
    }
    return recipe_of(stated, folder)


def _standard(vectors: np.ndarray) -> np.ndarray:
    return np.asarray((vectors - vectors.mean(0)) / (vectors.std(0) + 1e-6))


def _vectors(head: ClassifyHead, examples: list[Labelled]) -> np.ndarray:
    head.module.eval()
    with torch.no_grad():
        read = [head._reader.tensors([example.text]) for example in examples]
        return np.array([head.module.backbone(**one).last_hidden_state.mean(dim=1)[0].double().numpy() for one in read])
