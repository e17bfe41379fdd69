"""Matching learns, measures, keeps its files, and caches gradients without changing them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from openaisle.errors import DataError, ModelError, RecipeError
from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.examples import Candidate, DataSet, Example, JudgedQuery, Plain, Scored, Triplet
from openaisle.learning.heads import Head, HeadOptions, build_head, load_head
from openaisle.learning.heads.match import MatchHead
from openaisle.learning.losses import LossOptions
from openaisle.models.onnx import OnnxEncoder
from openaisle.models.starter import starter_folder

COLOURS = ["red", "blue", "green", "black", "white", "grey"]
GOODS = {"shoes": "leather sneaker", "cup": "ceramic mug", "lamp": "desk light"}
TRIPLETS = [
    Triplet(f"{colour} {goods}", f"{other} in {colour}") for colour in COLOURS for goods, other in GOODS.items()
]
JUDGED = [
    JudgedQuery(each.anchor, (Candidate(each.positive, 3.0), Candidate(TRIPLETS[position - 1].positive, 0.0)))
    for position, each in enumerate(TRIPLETS)
]


def data_set(examples: list[Any]) -> DataSet:
    return DataSet(tuple(examples), (), (), "0" * 64)


def match(backbone: Backbone, loss: str = "", examples: list[Any] = TRIPLETS, **options: Any) -> MatchHead:
    head = build_head("match", backbone, HeadOptions(**options), LossOptions(loss, mini_batch=5), data_set(examples))
    assert isinstance(head, MatchHead)
    return head


@pytest.mark.parametrize("loss", ["", "cached_multiple_negatives", "binary_codes:multiple_negatives"])
def test_learns_from_triplets(backbone: Backbone, learn: Any, loss: str) -> None:
    head = match(backbone, loss)
    before = head.measure(TRIPLETS)["ndcg@10"]
    losses = learn(head, TRIPLETS, steps=20)
    after = head.measure(TRIPLETS)["ndcg@10"]
    assert losses[-1] < 0.5 * losses[0]
    assert after > max(0.95, before + 0.1)


def test_learns_from_judgments_with_a_projection(backbone: Backbone, learn: Any) -> None:
    head = match(backbone, "lambda", JUDGED, dimensions=8, pooling="cls")
    learn(head, JUDGED, steps=60)
    assert head.measure(JUDGED)["mrr@10"] > 0.9
    assert head.encode(["red cup"], "query").shape == (1, 8)


def test_cached_gradients_are_the_plain_ones(backbone: Backbone) -> None:
    plain, cached = match(backbone), match(backbone, "cached_multiple_negatives")
    gradients = []
    for head in (plain, cached):
        head.module.zero_grad()
        head.module(**head.collate(TRIPLETS))["loss"].backward()
        gradients.append([parameter.grad.clone() for parameter in head.module.backbone.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_a_batch_holds_each_query_and_text_once(backbone: Backbone) -> None:
    head = match(backbone)
    batch = head.collate([Triplet("a cup", "mug", ("lamp",)), Triplet("a cup", "cup", ("mug",)), Triplet("b", "mug")])
    assert batch["query_input_ids"].shape[0] == 2
    assert batch["document_input_ids"].shape[0] == 3
    assert batch["place"].tolist() == [[0, 1, 2], [0, -1, -1]]
    assert batch["gains"].tolist() == [[1, 0, 1], [1, 0, 0]]


def test_gains_count_from_0_to_1_and_long_lists_are_drawn_from(backbone: Backbone) -> None:
    long = JudgedQuery("cup", tuple(Candidate(f"text {number}", float(number % 4)) for number in range(40)))
    head = match(backbone, examples=[long])
    gains = head.collate([long])["gains"]
    assert gains.shape == (1, 16)
    assert gains.max() == 1
    assert (gains > 0).sum() == 8


def test_vectors_have_unit_length_and_prefixes_tell(backbone: Backbone) -> None:
    head = match(backbone, query_prefix="ask ")
    query, document = head.encode(["红色 cup"], "query"), head.encode(["红色 cup"], "document")
    assert np.linalg.norm(np.vstack([query, document]), axis=1) == pytest.approx(1, abs=1e-5)
    assert (query @ document.T).item() < 0.999


def test_a_model_that_knows_nothing_gains_nothing_by_the_order_of_the_file(backbone: Backbone) -> None:
    head = match(backbone)
    right, wrong = Candidate("cup", 1.0), [Candidate("cup ", 0.0)] * 9
    first = head.measure([JudgedQuery(f"query {n}", (right, *wrong)) for n in range(100)])["mrr@10"]
    last = head.measure([JudgedQuery(f"query {n}", (*wrong, right)) for n in range(100)])["mrr@10"]
    # the right one comes before all others or behind them, by a coin: .55 on average, with a deviation of .045
    assert 0.35 < first < 0.75
    assert 0.35 < last < 0.75


def test_scored_pairs_are_measured_by_correlation(backbone: Backbone) -> None:
    head = match(backbone, "cosine_similarity", [Scored("cup", "mug", 1.0), Scored("cup", "lamp", 0.0)])
    pairs = [Scored("cup", "cup", 1.0), Scored("cup", "desk lamp black", 0.2), Scored("red cup", "red cup", 0.9)]
    assert head.measure(pairs)["spearman"] > 0.5


def test_per_example_values_make_the_measure(backbone: Backbone) -> None:
    head = match(backbone, examples=JUDGED)
    values = head.per_example(JUDGED)
    assert {name: len(each) for name, each in values.items()} == {"ndcg@10": len(JUDGED), "mrr@10": len(JUDGED)}
    assert head.measure(JUDGED) == {name: pytest.approx(each.mean()) for name, each in values.items()}


def test_measuring_leaves_the_mode(backbone: Backbone) -> None:
    head = match(backbone)
    head.module.train()
    head.measure(TRIPLETS[:3])
    assert head.module.training
    assert head.module.backbone.training


@pytest.mark.parametrize("dimensions", [0, 8])
def test_saved_and_loaded_it_gives_the_same_vectors(
    backbone: Backbone, learn: Any, tmp_path: Path, dimensions: int
) -> None:
    head = match(backbone, query_prefix="ask ", dimensions=dimensions, max_tokens=12)
    learn(head, TRIPLETS, steps=2)
    head.save(tmp_path)
    again = load_head(tmp_path)
    assert isinstance(again, Head)
    assert isinstance(again, MatchHead)
    for kind in ("query", "document"):
        np.testing.assert_allclose(again.encode(["red cup"], kind), head.encode(["red cup"], kind), atol=1e-5)


def test_training_goes_on_from_a_saved_head(backbone: Backbone, tmp_path: Path) -> None:
    head = match(backbone, dimensions=8)
    head.save(tmp_path)
    torch.manual_seed(99)
    further = match(open_backbone(str(tmp_path), max_tokens=32), dimensions=8)
    np.testing.assert_allclose(further.encode(["red cup"], "query"), head.encode(["red cup"], "query"), atol=1e-5)


def test_a_damaged_head_is_refused(backbone: Backbone, tmp_path: Path) -> None:
    match(backbone, dimensions=8).save(tmp_path)
    (tmp_path / "head.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(ModelError, match="damaged"):
        load_head(tmp_path)
    (tmp_path / "head.safetensors").unlink()
    with pytest.raises(ModelError, match="does not hold"):
        load_head(tmp_path)
    (tmp_path / "head.json").write_text("{")
    with pytest.raises(ModelError, match="not JSON"):
        load_head(tmp_path)


@pytest.mark.parametrize("examples", [[], [Plain("cup")], [JudgedQuery("cup", (Candidate("mug", 0.0),))]])
def test_data_that_teach_nothing_are_refused(backbone: Backbone, examples: list[Example]) -> None:
    with pytest.raises(DataError):
        match(backbone, examples=examples)


@pytest.mark.parametrize("loss", ["triplet", "contrastive", "lambda", "softmax", "margin_mse", "binary_codes:lambda"])
def test_a_loss_within_lists_wants_lists(backbone: Backbone, loss: str) -> None:
    assert match(backbone, loss, JUDGED)
    with pytest.raises(DataError, match="different gains"):
        match(backbone, loss, TRIPLETS)


def test_a_loss_of_another_task_is_refused(backbone: Backbone) -> None:
    with pytest.raises(RecipeError, match="multiple_negatives"):
        match(backbone, "cross_entropy")


def test_length_is_that_of_the_longest_text(backbone: Backbone) -> None:
    head = match(backbone)
    ids = head.tokenizer("a very long title of a leather sneaker")["input_ids"]
    assert head.length(Triplet("cup", "a very long title of a leather sneaker")) == len(ids)


def test_on_the_starter_it_begins_where_the_shipped_encoder_stands() -> None:
    head = match(open_backbone("starter", max_tokens=64), max_tokens=64)
    texts = ["red running  shoes", "无线蓝牙耳机 降噪", "iPhone 15 手机壳 shockproof case"]
    shipped = OnnxEncoder.open(starter_folder(), threads=1)
    # the runtime rounds matrices and activations to int8
    assert (head.encode(texts, "query") * shipped.encode_queries(texts)).sum(axis=1).min() > 0.995
    assert (head.encode(texts, "document") * shipped.encode_documents(texts)).sum(axis=1).min() > 0.995


def test_half_precision_changes_little_of_the_loss(backbone: Backbone) -> None:
    head = match(backbone)
    batch = head.collate(TRIPLETS)
    exact = head.module(**batch)["loss"]
    with torch.autocast("cpu", torch.bfloat16):
        rounded = head.module(**batch)["loss"]
    assert rounded.dtype == torch.float32
    assert rounded.item() == pytest.approx(exact.item(), rel=0.05)
