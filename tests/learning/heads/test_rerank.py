"""Re-ranking learns which text goes with a query, and keeps its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openaisle.learning.backbones import Backbone
from openaisle.learning.examples import Candidate, DataSet, JudgedQuery, Triplet
from openaisle.learning.heads import HeadOptions, build_head, load_head
from openaisle.learning.heads.rerank import RerankHead
from openaisle.learning.losses import LossOptions, loss_names

COLOURS = ["red", "blue", "green", "black"]
JUDGED = [
    JudgedQuery(query, tuple(Candidate(f"{colour} cup", 2.0 * (colour == query)) for colour in COLOURS))
    for query in COLOURS
]


def rerank(backbone: Backbone, loss: str = "", examples: list[Any] = JUDGED) -> RerankHead:
    options = HeadOptions(pooling="cls", max_tokens=16)
    head = build_head("rerank", backbone, options, LossOptions(loss), DataSet(tuple(examples), (), (), "0" * 64))
    assert isinstance(head, RerankHead)
    return head


@pytest.mark.parametrize("loss", loss_names("scores"))
def test_learns(backbone: Backbone, learn: Any, loss: str) -> None:
    head = rerank(backbone, loss)
    losses = learn(head, JUDGED, steps=100, rate=2e-3)
    assert losses[-1] < 0.7 * losses[0]
    assert head.measure(JUDGED)["ndcg@10"] >= 0.9


def test_scores_follow_their_texts(backbone: Backbone) -> None:
    head = rerank(backbone)
    texts = ["red cup", "a much longer text about a black desk lamp", "blue"]
    scores = head.scores("red", texts)
    for text, score in zip(texts, scores, strict=True):
        assert head.scores("red", [text])[0] == pytest.approx(score, abs=1e-5)


def test_triplets_without_negatives_are_measured_among_each_other(backbone: Backbone) -> None:
    triplets = [Triplet(colour, f"{colour} cup") for colour in COLOURS]
    values = rerank(backbone, examples=triplets).per_example(triplets)["mrr@10"]
    assert len(values) == 4
    assert values.min() < 1


def test_saved_and_loaded_it_gives_the_same_scores(backbone: Backbone, learn: Any, tmp_path: Path) -> None:
    head = rerank(backbone)
    learn(head, JUDGED, steps=2)
    head.save(tmp_path)
    again = load_head(tmp_path)
    assert isinstance(again, RerankHead)
    np.testing.assert_allclose(
        again.scores("red", ["red cup", "lamp"]), head.scores("red", ["red cup", "lamp"]), atol=1e-5
    )


def test_length_is_that_of_the_longest_pair(backbone: Backbone) -> None:
    head = rerank(backbone)
    longest = head.tokenizer("red", "red leather cup")["input_ids"]
    judged = JudgedQuery("red", (Candidate("cup", 1.0), Candidate("red leather cup", 0.0)))
    assert head.length(judged) == len(longest)
