"""Runs of tokens heard beside a classifier's transformer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from openaisle.errors import DataError
from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.data.digest import data_set
from openaisle.learning.examples import Labelled
from openaisle.learning.heads import HeadOptions, load_head
from openaisle.learning.heads.classify import ClassifyHead
from openaisle.learning.heads.fit_grams import fit_grams
from openaisle.learning.heads.grams import MOST_BUCKETS, Grams, buckets_for
from openaisle.learning.losses.cross_entropy import CrossEntropy
from openaisle.learning.recipe import recipe_of
from openaisle.learning.training.opening import begin
from openaisle.models.classifier import OnnxClassifier

LABELS = ("bad", "good", "none")
WORDS = {"bad": "broken late torn", "good": "lovely strong soft", "none": "box blue two"}
EXAMPLES = [Labelled(f"{word} {thing}", (label,)) for label in LABELS for word in WORDS[label].split()
            for thing in ("mug", "lamp", "coat", "chair")]  # fmt: skip
TEXTS = [example.text for example in EXAMPLES]


def new(backbone: Backbone, longest: int = 2, labels: Sequence[str] = LABELS) -> ClassifyHead:
    return ClassifyHead(backbone, HeadOptions(max_tokens=24, grams=longest), CrossEntropy(), labels)


def grams_of(head: Any) -> Grams:
    grams: Grams = head.module.grams
    return grams


def heard(head: ClassifyHead, texts: Sequence[str]) -> np.ndarray:
    batch = head.tensors(texts)
    return grams_of(head)(batch["input_ids"], batch["attention_mask"]).numpy()


@pytest.mark.parametrize("labels", [LABELS, LABELS[:2]])
def test_it_is_a_logistic_regression_on_weighted_counts_of_tokens(labels: Sequence[str], backbone: Backbone) -> None:
    examples = [example for example in EXAMPLES if example.labels[0] in labels]
    texts, head = [example.text for example in examples], new(backbone, 1, labels)
    fit_grams(head, examples)
    tokens = [[str(number) for number in row["input_ids"]] for row in head._reader.read(head._formed(texts))]
    counts = CountVectorizer(analyzer=list).fit_transform(tokens).toarray()
    rarity = TfidfTransformer().fit(counts).idf_
    rows = counts * rarity / np.sqrt(counts @ rarity**2)[:, None]
    expected = LogisticRegression(C=10, max_iter=300).fit(rows, [example.labels[0] for example in examples])
    found = torch.from_numpy(heard(head, texts)).softmax(dim=1).numpy()
    np.testing.assert_allclose(found, expected.predict_proba(rows), atol=1e-3)


def test_its_logits_are_added_to_the_transformer_s_and_training_does_without(backbone: Backbone) -> None:
    head = new(backbone)
    head.module.eval()
    alone, batch = head.outputs(TEXTS), head.collate(EXAMPLES)
    loss = head.module(**batch)["loss"]
    fit_grams(head, EXAMPLES)
    np.testing.assert_allclose(head.outputs(TEXTS), alone + heard(head, TEXTS), atol=1e-5)
    torch.testing.assert_close(head.module(**batch)["loss"], loss)
    assert not list(grams_of(head).parameters())


@pytest.mark.parametrize(("longest", "told_apart"), [(1, False), (2, True)])
def test_pairs_know_the_order_of_two_tokens(longest: int, told_apart: bool, backbone: Backbone) -> None:
    examples = [Labelled("not red but blue", ("good",)), Labelled("not blue but red", ("bad",))] * 4
    head = new(backbone, longest, ("bad", "good"))
    fit_grams(head, examples)
    one, other = heard(head, [example.text for example in examples[:2]])
    assert (np.abs(one - other).max() > 0.1) == told_apart


@given(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=9), min_size=1, max_size=4), st.integers(1, 4))
def test_padding_changes_nothing(rows: list[list[int]], longest: int) -> None:
    grams = Grams(longest, 2, 100)
    generator = torch.Generator().manual_seed(1)
    grams.fill(
        torch.rand(grams.buckets, generator=generator) + 1, torch.rand(grams.buckets, 2, generator=generator),
        torch.rand(2, generator=generator),
    )  # fmt: skip
    width = max(map(len, rows)) + 2
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    alone = torch.cat([grams(torch.tensor([row]), torch.ones(1, len(row), dtype=torch.int64)) for row in rows])
    torch.testing.assert_close(grams(ids, mask), alone)


@pytest.mark.parametrize("longest", [3, 4])
@pytest.mark.parametrize("labels", [LABELS, LABELS[:2]])
def test_texts_shorter_than_a_run_are_exported(
    longest: int, labels: Sequence[str], backbone: Backbone, tmp_path: Path
) -> None:
    examples = [example for example in EXAMPLES if example.labels[0] in labels]
    head, texts = new(backbone, longest, labels), ["", "a", "mug", "a longer text about a broken lamp"]
    fit_grams(head, examples)
    export(head, tmp_path, ExportRecipe("none"), texts=TEXTS)
    opened = OnnxClassifier.open(tmp_path, threads=1)
    for some in ([""], texts[:2], texts):
        np.testing.assert_allclose(opened.probabilities(some), head.probabilities(some), atol=1e-5)


def test_a_run_at_the_beginning_is_another_one() -> None:
    grams = Grams(2, 2, 100)
    begun = torch.tensor([[0, 41, 42]])
    runs = [set(places.flatten().tolist()) for places, _ in grams.places(begun, torch.ones_like(begun))]
    assert not runs[0] & runs[1]


def test_runs_that_training_had_not_change_nothing(backbone: Backbone) -> None:
    head = new(backbone, 1)
    fit_grams(head, EXAMPLES)
    read = head.tensors(TEXTS)["input_ids"]
    unknown = next(piece for piece in range(len(head.tokenizer)) if not (read == piece).any())
    known = head.tensors(["broken mug"])["input_ids"]
    longer = torch.cat([known, torch.full((1, 3), unknown)], dim=1)
    grams = grams_of(head)
    torch.testing.assert_close(grams(longer, torch.ones_like(longer)), grams(known, torch.ones_like(known)))


@given(st.integers(2, 100_000))
def test_many_labels_make_the_table_short_not_large(labels: int) -> None:
    buckets = buckets_for(labels)
    assert 1 <= buckets <= MOST_BUCKETS
    assert buckets & (buckets - 1) == 0
    assert buckets * labels <= max(2**22, labels)


@pytest.mark.parametrize("quantise", ["none", "int8", "4bit", "packed"])
@pytest.mark.parametrize("vocabulary", [False, True])
def test_the_export_hears_what_the_head_hears(
    quantise: Any, vocabulary: bool, backbone: Backbone, tmp_path: Path
) -> None:
    head = new(backbone)
    fit_grams(head, EXAMPLES)
    export(head, tmp_path, ExportRecipe(quantise, vocabulary=vocabulary), texts=TEXTS)
    found = OnnxClassifier.open(tmp_path, threads=1).probabilities(TEXTS)
    np.testing.assert_allclose(found, head.probabilities(TEXTS), atol=1e-5 if quantise == "none" else 0.08)
    assert found.argmax(axis=1).tolist() == head.probabilities(TEXTS).argmax(axis=1).tolist()


def test_saved_and_opened_it_is_the_same(backbone: Backbone, tmp_path: Path) -> None:
    head = new(backbone)
    fit_grams(head, EXAMPLES)
    head.save(tmp_path)
    opened: Any = load_head(tmp_path)
    np.testing.assert_allclose(opened.probabilities(TEXTS), head.probabilities(TEXTS), atol=1e-6)


def test_a_training_begins_with_it(tiny_base: Path, tmp_path: Path) -> None:
    begun = begin(_recipe(tiny_base, tmp_path, 2), data_set(EXAMPLES, [], [])).head
    expected = new(open_backbone(str(tiny_base), max_tokens=24))
    fit_grams(expected, EXAMPLES)
    torch.testing.assert_close(grams_of(begun).table, grams_of(expected).table)
    assert grams_of(begun).table.any()


@pytest.mark.parametrize(("before", "now", "kept"), [(2, 2, True), (2, 1, False), (0, 2, False), (2, 0, False)])
def test_what_the_base_heard_is_kept_if_the_same_is_asked_for(
    before: int, now: int, kept: bool, tiny_base: Path, tmp_path: Path
) -> None:
    first: Any = begin(_recipe(tiny_base, tmp_path, before), data_set(EXAMPLES, [], [])).head
    first.save(tmp_path / "first")
    fewer = EXAMPLES[::3]
    second: Any = begin(_recipe(tmp_path / "first", tmp_path, now), data_set(fewer, [], [])).head
    torch.testing.assert_close(second.module.output[-1].weight, first.module.output[-1].weight)
    if now:
        same = first.module.grams is not None and torch.equal(grams_of(second).table, grams_of(first).table)
        assert same == kept
        assert grams_of(second).table.any()
    else:
        assert second.module.grams is None


def test_a_label_without_a_text_is_named(backbone: Backbone) -> None:
    with pytest.raises(DataError, match="other"):
        fit_grams(new(backbone, 2, (*LABELS, "other")), EXAMPLES)


def _recipe(base: Path, folder: Path, longest: int) -> Any:
    stated = {
        "name": "opinions",
        "task": "classify",
        "base": str(base),
        "data": {"source": "labelled", "path": "labels.csv"},
        "model": {"max_tokens": 24, "grams": longest},
    }
    return recipe_of(stated, folder)
