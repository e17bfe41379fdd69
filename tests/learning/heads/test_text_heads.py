"""Classification, multi-label and regression learn, measure by hand-computed values, and keep their files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import DataSet, Example, Labelled, Triplet, Valued
from openaisle.learning.heads import Head, HeadOptions, build_head, load_head
from openaisle.learning.losses import LossOptions

COLOURS, GOODS = ["red", "blue", "black"], ["cup", "lamp", "shoes"]
TEXTS = [f"{colour} {goods}" for colour in COLOURS for goods in GOODS] + ["红色 杯子", "黑色 鞋"]
CLASSES = [Labelled(text, ("footwear" if "shoes" in text or "鞋" in text else "home",)) for text in TEXTS]
MULTI = [Labelled(text, tuple(word for word in (*COLOURS, "cup") if word in text)) for text in TEXTS]
VALUES = [Valued(text, 100.0 + 10 * ("lamp" in text) + 5 * ("red" in text)) for text in TEXTS]


def built(task: str, backbone: Backbone, examples: list[Any], **options: Any) -> Any:
    return build_head(task, backbone, HeadOptions(**options), LossOptions(), DataSet(tuple(examples), (), (), "0" * 64))


@pytest.mark.parametrize(
    ("task", "examples", "metric"),
    [("classify", CLASSES, "macro_f1"), ("multilabel", MULTI, "micro_f1"), ("regress", VALUES, "spearman")],
)
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_learns(backbone: Backbone, learn: Any, task: str, examples: list[Any], metric: str, pooling: str) -> None:
    head: Head = built(task, backbone, examples, pooling=pooling)
    before = head.measure(examples)[metric]
    losses = learn(head, examples, steps=60)
    assert losses[-1] < 0.3 * losses[0]
    assert head.measure(examples)[metric] > max(0.9, before + 0.05)


@pytest.mark.parametrize(("task", "examples"), [("classify", CLASSES), ("multilabel", MULTI), ("regress", VALUES)])
def test_saved_and_loaded_it_answers_the_same(
    backbone: Backbone, learn: Any, tmp_path: Path, task: str, examples: list[Any]
) -> None:
    head = built(task, backbone, examples, max_tokens=12)
    learn(head, examples, steps=3)
    head.save(tmp_path)
    again: Any = load_head(tmp_path)
    np.testing.assert_allclose(again.outputs(TEXTS), head.outputs(TEXTS), rtol=1e-4, atol=1e-4)
    assert len(again.predict(TEXTS)) == len(TEXTS)
    if task != "regress":
        assert again.labels == head.labels
        assert again.predict(TEXTS) == head.predict(TEXTS)


def test_classification_counts_labels_it_never_saw_as_wrong(backbone: Backbone, learn: Any) -> None:
    head = built("classify", backbone, CLASSES)
    learn(head, CLASSES, steps=60)
    examples = [*CLASSES[:3], Labelled("red cup", ("tableware",))]
    assert head.measure(examples)["accuracy"] == pytest.approx(0.75)
    assert head.per_example(examples)["accuracy"].tolist() == [1, 1, 1, 0]
    assert head.probabilities(["red cup"]).sum() == pytest.approx(1, abs=1e-5)


def test_multilabel_values_by_hand(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    head = built("multilabel", backbone, MULTI)
    assert head.labels == ("black", "blue", "cup", "red")
    found = np.array([[0.9, 0.1, 0.9, 0.1], [0.1, 0.1, 0.1, 0.1]], np.float32)
    monkeypatch.setattr(head, "probabilities", lambda texts: found)
    examples = [Labelled("a", ("black",)), Labelled("b", ("blue", "unheard of"))]
    measured = head.measure(examples)
    assert measured["micro_f1"] == pytest.approx(2 * 1 / (2 + 3))
    assert measured["example_f1"] == pytest.approx((2 / 3 + 0) / 2)


def test_regression_answers_in_the_datas_own_unit(backbone: Backbone, learn: Any) -> None:
    head = built("regress", backbone, VALUES)
    learn(head, VALUES, steps=80)
    measured = head.measure(VALUES)
    assert measured["mae"] < 2
    assert measured["rmse"] >= measured["mae"]
    assert head.per_example(VALUES)["mae"].mean() == pytest.approx(measured["mae"])
    assert head.predict(["red lamp"])[0] == pytest.approx(115, abs=5)


@pytest.mark.parametrize(
    ("task", "examples"),
    [
        ("classify", []),
        ("classify", [Labelled("cup", ("one",)), Labelled("mug", ("one",))]),
        ("classify", [Triplet("cup", "mug")]),
        ("multilabel", [Labelled("cup", ())]),
        ("regress", []),
        ("regress", [Valued("cup", 3.0), Valued("mug", 3.0)]),
    ],
)
def test_data_that_teach_nothing_are_refused(backbone: Backbone, task: str, examples: list[Example]) -> None:
    with pytest.raises(DataError):
        built(task, backbone, examples)


def test_two_labels_are_no_classification(backbone: Backbone) -> None:
    with pytest.raises(DataError, match="2 labels"):
        built("classify", backbone, CLASSES).collate([Labelled("cup", ("home", "footwear"))])


def test_the_backbones_prefix_stands_before_texts_unless_another_is_stated(backbone: Backbone) -> None:
    asking = replace(backbone, query_prefix="ask ")
    plain, own = built("classify", backbone, CLASSES), built("classify", asking, CLASSES)
    none = built("classify", asking, CLASSES, query_prefix="")
    ids = [head.collate(CLASSES[:1])["input_ids"].tolist() for head in (plain, own, none)]
    assert ids[0] == ids[2] != ids[1]


@pytest.mark.parametrize(("task", "examples"), [("classify", CLASSES), ("multilabel", MULTI), ("regress", VALUES)])
def test_a_split_without_examples_measures_nothing(backbone: Backbone, task: str, examples: list[Any]) -> None:
    assert built(task, backbone, examples).measure([]) == {}
