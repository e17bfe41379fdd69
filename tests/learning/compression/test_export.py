"""Every head becomes a folder that opens without PyTorch and answers as it does in training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from heads_of_tasks import MAKERS, head_of

from openaisle.errors import ExportError, ModelError, StorageError
from openaisle.learning.backbones import Backbone
from openaisle.learning.compression import export as exporting
from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.compression.folder import Facts
from openaisle.learning.heads import HeadOptions
from openaisle.learning.heads.tag import TagHead
from openaisle.learning.losses.cross_entropy import CrossEntropy
from openaisle.learning.losses.random_field import RandomField
from openaisle.models.classifier import OnnxClassifier, OnnxRegressor, OnnxTagger
from openaisle.models.manifest import Calibration, read_manifest
from openaisle.models.onnx import OnnxEncoder
from openaisle.models.protocol import CosineRange
from openaisle.models.reranker import OnnxReranker

TEXTS = ["red mug", "blue desk lamp with a long arm", "马克杯 红色", "  shoe\t", "ceramic cup " * 20]
KEPT = (("whole", 0), ("half", 1))
FLOAT = ExportRecipe("none")


@pytest.mark.parametrize("task", MAKERS)
@pytest.mark.parametrize("quantise", ["none", "int8", "4bit", "packed"])
def test_every_task_is_exported_in_every_number(backbone: Backbone, tmp_path: Path, task: str, quantise: Any) -> None:
    report = export(head_of(task, backbone), tmp_path, ExportRecipe(quantise), texts=TEXTS)
    assert read_manifest(tmp_path).dimensions == report.dimensions
    packed = {"weights.npz"} if quantise == "packed" else set()
    assert {path.name for path in tmp_path.iterdir()} == {"model.onnx", "tokenizer.json", "manifest.json"} | packed
    assert report.bytes == sum(path.stat().st_size for path in tmp_path.iterdir())


def test_an_encoder_gives_the_head_s_vectors(backbone: Backbone, tmp_path: Path) -> None:
    head = head_of("match", backbone, query_prefix="query: ", document_prefix="passage: ")
    range_ = CosineRange(0.2, 0.6, 0.1)
    export(head, tmp_path, FLOAT, Facts("shop-encoder", "3", cosines=range_))
    encoder = OnnxEncoder.open(tmp_path, threads=1)
    np.testing.assert_allclose(encoder.encode_queries(TEXTS), head.encode(TEXTS, "query"), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_documents(TEXTS), head.encode(TEXTS, "document"), atol=1e-5)
    assert (encoder.identity.name, encoder.identity.version, encoder.identity.cosines) == ("shop-encoder", "3", range_)


def test_packed_matrices_run_as_their_four_bits_do(backbone: Backbone, tmp_path: Path) -> None:
    head = head_of("match", backbone)
    export(head, tmp_path / "packed", ExportRecipe("packed"))
    export(head, tmp_path / "plain", ExportRecipe("4bit"))
    one, other = (OnnxEncoder.open(tmp_path / name, threads=1).encode_queries(TEXTS) for name in ("packed", "plain"))
    assert (one * other).sum(axis=1).min() > 0.99
    assert read_manifest(tmp_path / "packed").packed


def test_packed_matrices_that_changed_are_told(backbone: Backbone, tmp_path: Path) -> None:
    export(head_of("match", backbone), tmp_path, ExportRecipe("packed"))
    content = bytearray((tmp_path / "weights.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "weights.npz").write_bytes(content)
    with pytest.raises(ModelError, match="corrupt"):
        OnnxEncoder.open(tmp_path)


def test_a_projection_is_part_of_the_graph(backbone: Backbone, tmp_path: Path) -> None:
    head = head_of("match", backbone, dimensions=8)
    assert export(head, tmp_path, FLOAT).dimensions == 8
    np.testing.assert_allclose(
        OnnxEncoder.open(tmp_path, threads=1).encode_queries(TEXTS), head.encode(TEXTS, "query"), atol=1e-5
    )


def test_a_reranker_gives_the_head_s_scores_as_relevance(backbone: Backbone, tmp_path: Path) -> None:
    head = head_of("rerank", backbone)
    export(head, tmp_path, FLOAT, Facts(calibration=Calibration(2.0, -1.0)))
    reranker = OnnxReranker.open(tmp_path, threads=1)
    scores = head.scores("red mug", TEXTS)
    np.testing.assert_allclose(reranker.scores("red mug", TEXTS), scores, atol=1e-5)
    np.testing.assert_allclose(reranker.score("red mug", TEXTS), 1 / (1 + np.exp(1 - 2 * scores)), atol=1e-5)


def test_classifiers_give_the_head_s_labels(backbone: Backbone, tmp_path: Path) -> None:
    one, several = head_of("classify", backbone), head_of("multilabel", backbone)
    export(one, tmp_path / "one", FLOAT)
    export(several, tmp_path / "several", FLOAT)
    opened = OnnxClassifier.open(tmp_path / "one", threads=1)
    assert opened.labels == one.labels
    np.testing.assert_allclose(opened.probabilities(TEXTS), one.probabilities(TEXTS), atol=1e-5)
    shared = OnnxClassifier.open(tmp_path / "several", threads=1)
    np.testing.assert_allclose(shared.probabilities(TEXTS), several.probabilities(TEXTS), atol=1e-5)


def test_a_regressor_answers_in_the_data_s_unit(backbone: Backbone, tmp_path: Path) -> None:
    head = head_of("regress", backbone)
    export(head, tmp_path, FLOAT)
    np.testing.assert_allclose(OnnxRegressor.open(tmp_path, threads=1).predict(TEXTS), head.predict(TEXTS), atol=1e-4)


@pytest.mark.parametrize("loss", [CrossEntropy(), RandomField()])
def test_a_tagger_finds_the_head_s_spans(backbone: Backbone, tmp_path: Path, loss: torch.nn.Module) -> None:
    torch.manual_seed(11)
    head = TagHead(backbone, HeadOptions(max_tokens=32), loss, ("brand", "colour"))
    with torch.no_grad():
        head.module.output[-1].weight.normal_()
        if head.module.chain is not None:
            head.module.chain.steps.normal_(std=0.1)
    export(head, tmp_path, FLOAT)
    found = OnnxTagger.open(tmp_path, threads=1).spans(TEXTS)
    plain = [tuple((span.start, span.end, span.type) for span in spans) for spans in found]
    assert plain == [tuple((span.start, span.end, span.type) for span in spans) for spans in head.predict(TEXTS)]
    assert any(plain)


def test_vectors_are_cut_and_of_unit_length(backbone: Backbone, tmp_path: Path) -> None:
    head = head_of("match", backbone)
    assert export(head, tmp_path, ExportRecipe("none", dimensions=12)).dimensions == 12
    long = head.encode(TEXTS, "query")[:, :12]
    short = OnnxEncoder.open(tmp_path, threads=1).encode_queries(TEXTS)
    np.testing.assert_allclose(short, long / np.linalg.norm(long, axis=1, keepdims=True), atol=1e-5)


def test_only_vectors_are_cut(backbone: Backbone, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="Only vectors"):
        export(head_of("classify", backbone), tmp_path, ExportRecipe(dimensions=2))


def test_a_trimmed_vocabulary_keeps_the_vectors_of_its_texts(backbone: Backbone, tmp_path: Path) -> None:
    head = head_of("match", backbone)
    before, pieces = head.encode(TEXTS, "query"), len(head.tokenizer)
    report = export(head, tmp_path, ExportRecipe("none", vocabulary=True), texts=TEXTS)
    assert report.pieces < pieces == len(head.tokenizer)
    np.testing.assert_allclose(OnnxEncoder.open(tmp_path, threads=1).encode_queries(TEXTS), before, atol=1e-5)
    np.testing.assert_allclose(head.encode(TEXTS, "query"), before, atol=1e-6)


@pytest.mark.parametrize("prefix", ["search query: ", "query:", "查询："])
def test_a_trimmed_vocabulary_keeps_the_pieces_behind_a_prefix(backbone: Backbone, tmp_path: Path, prefix: str) -> None:
    head = head_of("classify", backbone, query_prefix=prefix)
    export(head, tmp_path, ExportRecipe("none", vocabulary=True), texts=TEXTS)
    found = OnnxClassifier.open(tmp_path, threads=1).probabilities(TEXTS)
    np.testing.assert_allclose(found, head.probabilities(TEXTS), atol=1e-5)


def test_a_vocabulary_is_not_trimmed_blindly(backbone: Backbone, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="without texts"):
        export(head_of("match", backbone), tmp_path, ExportRecipe(vocabulary=True))


def test_layers_left_out_of_the_export_stay_in_the_head(backbone: Backbone, tmp_path: Path) -> None:
    head = head_of("match", backbone)
    sizes = [export(head, tmp_path / name, ExportRecipe("none", layers=kept)).bytes for name, kept in KEPT]
    assert sizes[1] < sizes[0]
    assert len(head.module.backbone.encoder.layer) == 2
    whole, half = (OnnxEncoder.open(tmp_path / name, threads=1).encode_queries(TEXTS) for name, _ in KEPT)
    assert np.abs(whole - half).max() > 1e-3


def test_a_graph_that_answers_differently_is_refused(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = head_of("match", backbone)
    wrong = head_of("match", backbone)
    with torch.no_grad():
        wrong.module.backbone.embeddings.word_embeddings.weight.mul_(-1)
        graph = exporting.head_graph(wrong.module, "vectors", False)
        wrong.module.backbone.embeddings.word_embeddings.weight.mul_(-1)
    monkeypatch.setattr(exporting, "head_graph", lambda *_: graph)
    with pytest.raises(ExportError, match="differently"):
        export(head, tmp_path / "model", FLOAT)
    assert not (tmp_path / "model").exists()


def test_a_failed_write_leaves_no_manifest(backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = head_of("match", backbone)
    export(head, tmp_path, FLOAT)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("openaisle.learning.compression.folder.os.fsync", full)
    with pytest.raises(StorageError, match="No space"):
        export(head, tmp_path, ExportRecipe("int8"))
    with pytest.raises(ModelError):
        read_manifest(tmp_path)
    assert not list(tmp_path.glob("*.tmp"))


def test_facts_are_stated_and_kinds_kept_apart(backbone: Backbone, tmp_path: Path) -> None:
    export(head_of("classify", backbone), tmp_path, FLOAT, Facts("kinds", "2", more={"licence": "MIT"}))
    stated = json.loads((tmp_path / "manifest.json").read_text())
    assert (stated["kind"], stated["labels"], stated["licence"]) == ("classifier", ["mug", "shoe", "lamp"], "MIT")
    for open_ in (OnnxEncoder.open, OnnxReranker.open, OnnxTagger.open, OnnxRegressor.open):
        with pytest.raises(ModelError, match="kind classifier"):
            open_(tmp_path)


def test_what_runs_nowhere_is_not_exported(backbone: Backbone, tmp_path: Path) -> None:
    head = head_of("match", backbone)
    head.__class__ = type("Masked", (type(head),), {"task": "mlm"})
    with pytest.raises(ExportError, match="mlm"):
        export(head, tmp_path, FLOAT)
