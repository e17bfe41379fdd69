"""Teachers are asked once, their vectors joined faithfully, and a student learns them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from heads_of_tasks import head_of

from openaisle.errors import ModelError, RecipeError
from openaisle.learning.backbones import Backbone
from openaisle.learning.compression.distil import DistilHead, DistilLoss, Shares
from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.compression.learning_from import build_distil_head, distil_texts, targets_of
from openaisle.learning.compression.targets import drawn_together, join
from openaisle.learning.compression.teachers import Teacher, cached_vectors, open_teacher, read_vectors
from openaisle.learning.examples import DataSet, Plain
from openaisle.learning.heads import HeadOptions, load_head
from openaisle.learning.losses import LossOptions
from openaisle.learning.losses.embedding_distillation import EmbeddingDistillation
from openaisle.models.onnx import OnnxEncoder

PAIRS = (
    Plain("red mug", "红色 马克杯"),
    Plain("blue dress", "蓝色 连衣裙"),
    Plain("desk lamp", "台灯"),
    Plain("leather shoes", "皮鞋"),
    Plain("just a text"),
    Plain("another one"),
)
DATA = DataSet(PAIRS[:5], PAIRS[5:], (), "0" * 64)
RANDOM = np.random.default_rng(5)


def unit(rows: int, dimensions: int, rank: int | None = None) -> np.ndarray:
    vectors = RANDOM.normal(size=(rows, rank or dimensions)).astype(np.float32)
    if rank:
        vectors = vectors @ RANDOM.normal(size=(rank, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class Counting:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.calls += 1
        return np.array([[len(text), 1.0, text.count("a")] for text in texts], np.float32)


def test_a_teacher_is_asked_once(tmp_path: Path) -> None:
    encode, texts = Counting(), [f"text {number}" for number in range(1500)]
    teacher = Teacher("counting", "1", encode)
    first = cached_vectors(teacher, texts, tmp_path)
    assert encode.calls == 2
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, rtol=1e-6)
    assert np.array_equal(cached_vectors(teacher, texts, tmp_path), first)
    assert encode.calls == 2
    assert isinstance(first, np.memmap)
    cached_vectors(Teacher("counting", "2", encode), texts, tmp_path)
    cached_vectors(teacher, texts[:-1], tmp_path)
    assert encode.calls == 6
    assert not list(tmp_path.glob("*.tmp"))


def test_a_teacher_that_gives_no_direction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="zero or not finite"):
        cached_vectors(Teacher("zero", "1", lambda texts: np.zeros((len(texts), 3))), ["a"], tmp_path)
    assert not list(tmp_path.iterdir())


def test_vectors_of_a_file_must_fit_and_never_run_code(tmp_path: Path) -> None:
    np.save(tmp_path / "good.npy", unit(3, 4))
    np.save(tmp_path / "pickled.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert read_vectors(tmp_path / "good.npy", 3).shape == (3, 4)
    for name, rows in (("good.npy", 4), ("pickled.npy", 1), ("none.npy", 1)):
        with pytest.raises(ModelError):
            read_vectors(tmp_path / name, rows)


def test_cosines_of_joined_targets_are_the_weighted_mean_of_the_teachers() -> None:
    one, other = unit(40, 12), unit(40, 7)
    joined = join([str(row) for row in range(40)], [one, other], [3.0, 1.0], 24, 40)
    expected = (3 * (one @ one.T) + other @ other.T) / 4
    np.testing.assert_allclose(joined.vectors @ joined.vectors.T, expected, atol=1e-5)
    assert joined.kept == 1.0


def test_a_projection_keeps_the_cosines_of_what_it_can_hold() -> None:
    one, other = unit(300, 40, rank=5), unit(300, 30, rank=4)
    joined = join([str(row) for row in range(300)], [one, other], [1.0, 1.0], 9, 200)
    assert joined.vectors.shape == (300, 9)
    assert joined.kept == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_allclose(joined.vectors @ joined.vectors.T, (one @ one.T + other @ other.T) / 2, atol=1e-4)
    assert join([str(row) for row in range(300)], [one, other], [1.0, 1.0], 4, 200).kept < 0.9


def test_the_projection_is_fitted_on_training_texts_alone() -> None:
    train, test = unit(50, 20), unit(50, 20)
    texts = [str(row) for row in range(100)]
    one = join(texts, [np.concatenate([train, test])], [1.0], 6, 50)
    other = join(texts, [np.concatenate([train, -test[::-1]])], [1.0], 6, 50)
    assert np.array_equal(one.vectors[:50], other.vectors[:50])


def test_weights_must_fit() -> None:
    for weights in ([], [1.0, 2.0], [0.0]):
        with pytest.raises(ModelError, match="weight"):
            join(["a"], [unit(1, 3)], weights, 3, 1)


def test_translations_are_drawn_together() -> None:
    targets = join(["a", "b", "c"], [unit(3, 8)], [1.0], 8, 3)
    moved = drawn_together(targets, [("a", "b")], 1.0)
    np.testing.assert_allclose(moved.vectors[0], moved.vectors[1], atol=1e-6)
    assert np.array_equal(moved.vectors[2], targets.vectors[2])
    half = drawn_together(targets, [("a", "b")], 0.5)
    assert targets.vectors[0] @ targets.vectors[1] < half.vectors[0] @ half.vectors[1] < 0.9999
    np.testing.assert_allclose(drawn_together(targets, [("a", "b")], 0.0).vectors, targets.vectors, atol=1e-6)


def test_the_loss_is_least_at_the_targets() -> None:
    loss = DistilLoss(EmbeddingDistillation(), Shares())
    target = torch.from_numpy(unit(6, 16))
    partner = torch.tensor([3, 4, 5, 0, 1, 2])
    near = torch.nn.functional.normalize(target + 0.1 * torch.from_numpy(unit(6, 16)), dim=-1)
    far = torch.from_numpy(unit(6, 16))
    without = DistilLoss(EmbeddingDistillation(), Shares(translations=0.0))
    none = torch.full((6,), -1)
    assert float(without(target, target, none)) == pytest.approx(0.0, abs=1e-6)
    assert float(without(target, target, none)) < float(without(near, target, none)) < float(without(far, target, none))
    # translations that lie together cost less than such that are mixed up
    paired = torch.cat([target[:3], target[:3]])
    assert float(loss(paired, paired, partner)) < float(loss(paired, paired, torch.tensor([4, 5, 3, 2, 0, 1])))


def test_a_student_learns_its_teacher(backbone: Backbone, tmp_path: Path) -> None:
    texts = distil_texts(DATA)
    assert texts[:3] == ["red mug", "红色 马克杯", "blue dress"]
    targets = join(texts, [unit(len(texts), 64)], [1.0], 16, len(texts))
    torch.manual_seed(1)
    head = DistilHead(backbone, HeadOptions(dimensions=16, max_tokens=32), EmbeddingDistillation(), targets)
    before = head.measure(DATA.train)["loss"]
    optimizer = torch.optim.AdamW(head.module.parameters(), lr=3e-3)
    batch = head.collate(DATA.train)
    assert batch["partner"].tolist() == [5, 6, 7, 8, -1, 0, 1, 2, 3]
    for _ in range(100):
        optimizer.zero_grad()
        head.module(**batch)["loss"].backward()
        optimizer.step()
    after = head.measure(DATA.train)["loss"]
    assert after < before / 3
    head.save(tmp_path / "saved")
    opened = load_head(tmp_path / "saved")
    np.testing.assert_allclose(opened.encode(texts, "query"), head.encode(texts, "query"), atol=1e-5)
    export(head, tmp_path / "exported", ExportRecipe("none"))
    vectors = OnnxEncoder.open(tmp_path / "exported", threads=1).encode_queries(texts)
    np.testing.assert_allclose(vectors, head.encode(texts, "query"), atol=1e-5)


def test_a_student_of_a_recipe_begins_near_its_targets(backbone: Backbone, tmp_path: Path) -> None:
    np.save(tmp_path / "teacher.npy", unit(len(distil_texts(DATA)), 64))
    options, names = HeadOptions(dimensions=16, max_tokens=32), [str(tmp_path / "teacher.npy")]
    head = build_distil_head(backbone, options, LossOptions(), DATA, names)
    assert head.task == "distil"
    # five texts and four translations are fewer than the backbone's 32 numbers: a linear map meets them all
    assert head.measure(DATA.train)["loss"] < 0.01
    other = build_distil_head(backbone, options, LossOptions("embedding_distillation_mse"), DATA, names)
    assert other.measure(DATA.train) == head.measure(DATA.train)
    with pytest.raises(RecipeError):
        build_distil_head(backbone, options, LossOptions("triplet"), DATA, names)


def test_the_student_must_have_as_many_dimensions(backbone: Backbone) -> None:
    targets = join(["a"], [unit(1, 8)], [1.0], 8, 1)
    with pytest.raises(RecipeError, match="dimensions"):
        DistilHead(backbone, HeadOptions(), EmbeddingDistillation(), targets)


def test_teachers_are_opened_by_name(backbone: Backbone, tmp_path: Path) -> None:
    head = head_of("match", backbone, query_prefix="query: ")
    export(head, tmp_path / "exported", ExportRecipe("none"))
    head.save(tmp_path / "weights")
    exported, weights = (open_teacher(str(tmp_path / name)) for name in ("exported", "weights"))
    texts = ["red mug", "台灯"]
    np.testing.assert_allclose(exported.encode(texts), head.encode(texts, "query"), atol=1e-5)
    assert weights.encode(texts).shape == (2, 32)
    assert exported.identity != weights.identity
    targets = targets_of(DATA, [str(tmp_path / "exported"), str(tmp_path / "weights")], 32, tmp_path / "cache")
    assert targets.dimensions == 32
    assert len(list((tmp_path / "cache").iterdir())) == 2
    with pytest.raises(ModelError, match="not asked"):
        targets.of(["never seen"])
