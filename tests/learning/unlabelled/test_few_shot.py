"""Classification from a few labels."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.examples import DataSet, Labelled, Scored
from openaisle.learning.heads.build import load_head
from openaisle.learning.heads.classify import ClassifyHead
from openaisle.learning.heads.match import MatchHead
from openaisle.learning.heads.protocol import HeadOptions
from openaisle.learning.losses.cross_entropy import CrossEntropy
from openaisle.learning.unlabelled.few_shot import contrastive_pairs, few_shot, fit_logistic
from openaisle.sample.generate import products

OPTIONS = HeadOptions(max_tokens=24)
DEPARTMENTS = ("Kitchen", "Menswear", "Pets", "Toys & Games")


def labelled(each: int, skip: int = 0) -> list[Labelled]:
    titles: dict[str, list[str]] = {name: [] for name in DEPARTMENTS}
    for item in list(products())[::3]:
        if item["category"][0] in titles:
            titles[item["category"][0]].append(item["title"]["en"])
    return [Labelled(title, (name,)) for name in DEPARTMENTS for title in titles[name][skip : skip + each]]


@pytest.fixture
def backbone(tiny_base: Path) -> Backbone:
    return open_backbone(str(tiny_base), max_tokens=24, dropout=0.0)


def learn(head: MatchHead, data: DataSet) -> None:
    torch.manual_seed(1)
    optimizer = torch.optim.AdamW(head.module.parameters(), lr=3e-3)
    head.module.train()
    for at in range(0, min(len(data.train), 640), 32):
        head.module(**head.collate(data.train[at : at + 32]))["loss"].backward()
        optimizer.step()
        optimizer.zero_grad()


def test_pairs_say_what_is_alike() -> None:
    examples = labelled(4)
    label = {example.text: example.labels[0] for example in examples}
    pairs = contrastive_pairs(examples, 5, 1)
    assert pairs == contrastive_pairs(examples, 5, 1)
    assert pairs != contrastive_pairs(examples, 5, 2)
    assert len(set(pairs)) == len(pairs)
    for pair in pairs:
        assert pair.left != pair.right
        assert pair.score == float(label[pair.left] == label[pair.right])
    assert Counter(pair.left for pair in pairs if pair.score == 0).most_common(1)[0][1] <= 5
    assert {pair.score for pair in pairs} == {0.0, 1.0}


def test_a_label_of_one_text_has_no_partner() -> None:
    pairs = contrastive_pairs([Labelled("a", ("x",)), Labelled("b", ("y",))], 2, 1)
    assert set(pairs) == {Scored("a", "b", 0.0), Scored("b", "a", 0.0)}


def test_the_layer_is_the_logistic_regression(backbone: Backbone) -> None:
    for labels in (DEPARTMENTS, DEPARTMENTS[:2]):
        examples = [example for example in labelled(6) if example.labels[0] in labels]
        head = ClassifyHead(backbone, OPTIONS, CrossEntropy(), labels)
        fit_logistic(head, examples)
        found = head.probabilities([example.text for example in examples])
        vectors = _vectors(head, examples)
        expected = LogisticRegression(C=1 / 32, max_iter=1000).fit(
            (vectors - vectors.mean(0)) / (vectors.std(0) + 1e-6), [example.labels[0] for example in examples]
        )
        scaled = (vectors - vectors.mean(0)) / (vectors.std(0) + 1e-6)
        np.testing.assert_allclose(found, expected.predict_proba(scaled), atol=1e-4)


def _vectors(head: ClassifyHead, examples: list[Labelled]) -> np.ndarray:
    with torch.no_grad():
        head.module.eval()
        rows = []
        for example in examples:
            read = head._reader.tensors([example.text])
            rows.append(head.module.backbone(**read).last_hidden_state.mean(dim=1)[0].double().numpy())
    return np.array(rows)


def test_learns_from_a_few_labels_and_is_saved_as_any_classifier(backbone: Backbone, tmp_path: Path) -> None:
    head = few_shot(backbone, OPTIONS, labelled(8), learn, pairs=10, seed=1)
    accuracy = head.measure(labelled(30, skip=8))["accuracy"]
    assert accuracy > 0.5  # a guess is right in one of four
    head.save(tmp_path)
    assert load_head(tmp_path).measure(labelled(30, skip=8))["accuracy"] == pytest.approx(accuracy)


def test_one_label_teaches_nothing(backbone: Backbone) -> None:
    with pytest.raises(DataError):
        few_shot(backbone, OPTIONS, [Labelled("a", ("x",))], learn, seed=1)


def test_a_label_without_a_text_is_named(backbone: Backbone) -> None:
    head = ClassifyHead(backbone, OPTIONS, CrossEntropy(), (*DEPARTMENTS, "Shoes"))
    with pytest.raises(DataError, match="Shoes"):
        fit_logistic(head, labelled(2))
