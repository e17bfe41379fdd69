"""Each metric by hand, and all of them against ir-measures."""

from __future__ import annotations

from math import log2

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.errors import BadRequest
from openaisle.evaluation import metric

GAINS = {"a": 3.0, "b": 1.0, "c": 0.0, "d": 0.5}


def test_ndcg_by_hand() -> None:
    ideal = 3 + 1 / log2(3) + 0.5 / log2(4)
    assert metric("ndcg@10")(["c", "a", "x", "d"], GAINS) == pytest.approx((3 / log2(3) + 0.5 / log2(5)) / ideal)
    assert metric("ndcg@1")(["a"], GAINS) == 1
    assert metric("ndcg@10")(["a"], {"a": -1.0, "b": 0.0}) == 0


def test_reciprocal_rank_by_hand() -> None:
    assert metric("mrr@10")(["x", "c", "d"], GAINS) == pytest.approx(1 / 3)
    assert metric("mrr@2")(["x", "c", "d"], GAINS) == 0


def test_recall_by_hand() -> None:
    assert metric("recall@2")(["a", "c", "b"], GAINS) == pytest.approx(1 / 3)
    assert metric("recall@100")(["a", "b", "d"], GAINS) == 1
    assert metric("recall@10")(["a"], {}) == 0


@pytest.mark.parametrize("name", ["ndcg", "ndcg@0", "ndcg@-1", "map@10", "", "NDCG@10"])
def test_an_unknown_metric_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="no metric"):
        metric(name)


IDS = [f"p{number}" for number in range(30)]


@given(
    gains=st.dictionaries(st.sampled_from(IDS), st.integers(0, 4), min_size=1).filter(
        lambda gains: any(gains.values())
    ),
    ranked=st.lists(st.sampled_from(IDS), unique=True),
)
def test_metrics_agree_with_ir_measures(gains: dict[str, int], ranked: list[str]) -> None:
    qrels = [ir_measures.Qrel("q", product, gain) for product, gain in gains.items()]
    run = [ir_measures.ScoredDoc("q", product, -float(rank)) for rank, product in enumerate(ranked)]
    theirs = {ir_measures.nDCG @ 10: "ndcg@10", ir_measures.RR @ 10: "mrr@10", ir_measures.R @ 20: "recall@20"}
    expected = {theirs[value.measure]: value.value for value in ir_measures.iter_calc(list(theirs), qrels, run)}
    for name, value in expected.items():
        assert metric(name)(ranked, gains) == pytest.approx(value)
