"""Labels, numbers and spans from exported models."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tiny_tasks import WORDS, write_classifier, write_tagger

from openaisle.errors import ModelError
from openaisle.models.classifier import OnnxClassifier, OnnxRegressor, OnnxTagger, TaggedSpan

LABELS = ["colour", "goods"]


def table(**rows: list[float]) -> np.ndarray:
    width = len(next(iter(rows.values())))
    return np.array([rows.get(word, [0.0] * width) for word in WORDS], np.float32)


COUNTS = table(red=[2.0, 0.0], mug=[0.0, 1.0], shoe=[0.0, 1.0], bad=[float("nan"), 0.0])


def test_one_label_a_text(tmp_path: Path) -> None:
    classifier = OnnxClassifier.open(write_classifier(tmp_path, COUNTS, LABELS), threads=1)
    texts = ["red mug", "mug shoe shoe", "", "red " * 100]
    probabilities = classifier.probabilities(texts)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(probabilities[0], [1 / (1 + np.exp(-1)), 1 / (1 + np.e)], rtol=1e-5)
    assert classifier.predict(texts) == [("colour",), ("goods",), ("colour",), ("colour",)]
    assert classifier.predict([]) == []


def test_several_labels_a_text(tmp_path: Path) -> None:
    classifier = OnnxClassifier.open(write_classifier(tmp_path, COUNTS - 0.25, LABELS, several=True), threads=1)
    # a text's two special tokens count -0.25 each, as every word does less
    np.testing.assert_allclose(classifier.probabilities(["red"]), 1 / (1 + np.exp([[-1.25, 0.75]])), rtol=1e-5)
    assert classifier.predict(["red", "mug shoe mug", "red mug mug mug mug"]) == [
        ("colour",),
        ("goods",),
        ("goods", "colour"),
    ]
    assert classifier.predict(["red"], threshold=0.9) == [()]


def test_a_number_a_text(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path, table(red=[2.5], mug=[-1.0]), ["value"], kind="regressor", labels=[])
    assert OnnxRegressor.open(folder, threads=1).predict(["red", "mug red mug", ""]).tolist() == [2.5, 0.5, 0.0]


def test_spans_are_where_the_text_says(tmp_path: Path) -> None:
    tags = {"acme": "B-brand", "red": "B-colour", "blue": "I-colour", "shoe": "I-goods"}
    tagger = OnnxTagger.open(write_tagger(tmp_path, tags), threads=1)
    texts = ["  acme red blue  mug", "red red shoe", "", "mug", "mug blue"]
    found = [[(span.start, span.end, span.type) for span in spans] for spans in tagger.spans(texts)]
    assert found == [
        [(2, 6, "brand"), (7, 15, "colour")],
        # a B begins another span of its type, and an I without a beginning is none
        [(0, 3, "colour"), (4, 7, "colour")],
        [],
        [],
        [],
    ]


def test_a_span_is_as_sure_as_its_least_sure_word(tmp_path: Path) -> None:
    tagger = OnnxTagger.open(write_tagger(tmp_path, {"acme": "B-brand"}), threads=1)
    assert tagger.spans(["acme"]) == [(TaggedSpan(0, 4, "brand", pytest.approx(1 / (1 + np.exp(-5)))),)]


def test_what_is_cut_off_has_no_spans(tmp_path: Path) -> None:
    tagger = OnnxTagger.open(write_tagger(tmp_path, {"acme": "B-brand"}), threads=1)
    assert [span.start for span in tagger.spans(["mug " * 29 + "acme acme"])[0]] == [116]


def test_labels_and_dimensions_must_agree(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path, COUNTS, LABELS, labels=["one"])
    with pytest.raises(ModelError, match="label for each"):
        OnnxClassifier.open(folder)


def test_what_follows_what_is_stated_for_every_tag(tmp_path: Path) -> None:
    write_tagger(tmp_path, {"acme": "B-brand"})
    path = tmp_path / "manifest.json"
    stated = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(stated | {"following": {"first": [0], "follow": [[0]]}}), "utf-8")
    with pytest.raises(ModelError, match="following"):
        OnnxTagger.open(tmp_path)


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    classifier = OnnxClassifier.open(write_classifier(tmp_path, COUNTS, LABELS), threads=1)
    with pytest.raises(ModelError, match="finite"):
        classifier.probabilities(["bad"])
