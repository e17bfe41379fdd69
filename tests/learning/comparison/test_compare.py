from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import f1_score

from openaisle.errors import BadRequest
from openaisle.learning.comparison import Labelling, Outcomes, catalogue_recall, compare_models
from openaisle.learning.examples import (
    Candidate,
    JudgedQuery,
    Labelled,
    Scored,
    Span,
    Tagged,
    Triplet,
    Valued,
)

QUERIES = tuple(
    JudgedQuery(
        f"query {n}", tuple(Candidate(f"text {n} {place}", float(place == n % 4), f"p{place}") for place in range(4))
    )
    for n in range(40)
)
RIGHT = [tuple(each.gain for each in query.candidates) for query in QUERIES]
WRONG = [tuple(-each.gain for each in query.candidates) for query in QUERIES]
LABELS = ("lamps", "水壶", "shoes")


def labelled(n: int) -> Labelled:
    return Labelled(f"text {n}", (LABELS[n % 3],))


def test_a_model_that_ranks_right_beats_one_that_ranks_wrong() -> None:
    compared = compare_models(Outcomes("base", WRONG), Outcomes("tuned", RIGHT), QUERIES, "match")
    change = compared.metrics["ndcg@10"]
    assert compared.primary == "ndcg@10"
    assert set(compared.metrics) == {"ndcg@10", "mrr@10"}
    assert change.after.mean == 1
    assert compared.metrics["mrr@10"].before.mean == pytest.approx(1 / 4)
    assert change.difference.mean == pytest.approx(change.after.mean - change.before.mean)
    assert change.verdict == "better"
    assert change.improvement > 0
    assert (len(change.wins), len(change.losses), change.ties) == (40, 0, 0)


def test_the_order_of_the_file_does_not_help_a_model_that_tells_nothing_apart() -> None:
    best_first = [
        JudgedQuery(f"q{n}", (Candidate("a", 1.0), *(Candidate(f"b{i}", 0.0) for i in range(9)))) for n in range(300)
    ]
    flat = Outcomes("flat", [(0.5,) * 10] * 300)
    compared = compare_models(flat, flat, best_first, "match")
    by_chance = np.mean([1 / rank for rank in range(1, 11)])
    assert compared.metrics["mrr@10"].after.mean == pytest.approx(by_chance, abs=0.05)
    assert compared.metrics["mrr@10"].verdict == "no clear difference"


def test_queries_without_an_answer_are_left_out() -> None:
    hopeless = JudgedQuery("nothing", (Candidate("a", 0.0), Candidate("b", 0.0)))
    compared = compare_models(
        Outcomes("a", [*RIGHT, (1.0, 0.0)]), Outcomes("b", [*RIGHT, (0.0, 1.0)]), (*QUERIES, hopeless), "rerank"
    )
    assert compared.metrics["ndcg@10"].examples == 40
    assert compared.metrics["ndcg@10"].ties == 40


def test_scores_that_are_no_numbers_rank_last() -> None:
    query = JudgedQuery("q", (Candidate("a", 1.0), Candidate("b", 0.0)))
    compared = compare_models(Outcomes("a", [(float("nan"), -5.0)]), Outcomes("b", [(0.0, -5.0)]), [query], "match")
    assert compared.metrics["mrr@10"].before.mean == 0.5


def test_a_triplet_is_a_query_with_one_answer() -> None:
    triplets = [Triplet(f"anchor {n}", "yes", ("no", "never")) for n in range(6)]
    compared = compare_models(Outcomes("a", [(0, 1, 2)] * 6), Outcomes("b", [(2, 1, 0)] * 6), triplets, "match")
    assert compared.metrics["mrr@10"].before.mean == pytest.approx(1 / 3)
    assert compared.metrics["mrr@10"].after.mean == 1


def test_scored_pairs_are_compared_by_rank_correlation() -> None:
    generator = np.random.default_rng(0)
    true = generator.random(50)
    told = true + generator.normal(0, 0.2, 50).round(1)
    pairs = [Scored(f"left {n}", "right", float(score)) for n, score in enumerate(true)]
    compared = compare_models(Outcomes("a", list(-told)), Outcomes("b", [[each] for each in told]), pairs, "match")
    change = compared.metrics["spearman"]
    assert change.after.mean == pytest.approx(spearmanr(true, told).statistic)
    assert change.before.mean == pytest.approx(-change.after.mean)
    assert change.significant


def test_classification_agrees_with_scikit_learn() -> None:
    examples = [labelled(n) for n in range(90)]
    generator = np.random.default_rng(1)
    said = [LABELS[generator.integers(0, 3)] if generator.random() < 0.4 else each.labels[0] for each in examples]
    old = Outcomes("old", [Labelling(("lamps",))] * 90)
    compared = compare_models(old, Outcomes("new", [Labelling((each,)) for each in said]), examples, "classify")
    right = [each.labels[0] for each in examples]
    change = compared.metrics["macro_f1"]
    assert change.after.mean == pytest.approx(f1_score(right, said, average="macro"))
    assert change.before.mean == pytest.approx(f1_score(right, ["lamps"] * 90, average="macro", zero_division=0))
    assert change.after.low < change.after.mean < change.after.high
    assert change.verdict == "better"
    assert compared.metrics["accuracy"].before.mean == pytest.approx(1 / 3)


def test_several_labels_are_counted_one_by_one() -> None:
    examples = [Labelled(f"t{n}", ("a", "b") if n % 2 else ()) for n in range(20)]
    old = Outcomes("old", [Labelling(("a",))] * 20)
    new = Outcomes("new", [Labelling(each.labels) for each in examples])
    compared = compare_models(old, new, examples, "multilabel")
    # 10 hits, 10 false alarms, 10 misses
    assert compared.metrics["micro_f1"].before.mean == pytest.approx(0.5)
    assert compared.metrics["micro_f1"].after.mean == 1
    assert compared.metrics["macro_f1"].before.mean == pytest.approx((2 / 3 + 0) / 2)
    assert len(compared.metrics["micro_f1"].wins) == 20


def test_spans_count_when_ends_and_type_are_right() -> None:
    examples = [Tagged("red shoes", (Span(0, 3, "colour"), Span(4, 9, "kind"))) for _ in range(10)]
    old = Outcomes("old", [(Span(0, 3, "kind"),)] * 10)
    new = Outcomes("new", [(Span(0, 3, "colour"),)] * 10)
    compared = compare_models(old, new, examples, "tag")
    assert compared.metrics["f1"].before.mean == 0
    assert compared.metrics["precision"].after.mean == 1
    assert compared.metrics["recall"].after.mean == pytest.approx(0.5)
    assert compared.metrics["f1"].after.mean == pytest.approx(2 / 3)


def test_errors_of_regression_are_better_when_lower() -> None:
    examples = [Valued(f"text {n}", float(n)) for n in range(30)]
    old, new = Outcomes("old", [n + 2.0 for n in range(30)]), Outcomes("new", [n + 1.0 for n in range(30)])
    compared = compare_models(old, new, examples, "regress")
    change = compared.metrics["mae"]
    assert change.difference.mean == pytest.approx(-1)
    assert change.improvement == pytest.approx(1)
    assert change.verdict == "better"
    assert len(change.wins) == 30
    assert compared.metrics["rmse"].after.mean == pytest.approx(1)
    assert compared.metrics["spearman"].verdict == "no clear difference"


def test_chance_is_not_taken_for_a_difference() -> None:
    examples = [labelled(n) for n in range(120)]

    def guesses(seed: int) -> Outcomes:
        picks = np.random.default_rng(seed).integers(0, 3, 120)
        return Outcomes(str(seed), [Labelling((LABELS[pick],)) for pick in picks])

    compared = compare_models(guesses(3), guesses(4), examples, "classify")
    assert compared.metrics["macro_f1"].p_value > 0.05
    assert compared.metrics["accuracy"].p_value > 0.05


def test_further_values_are_compared_beside_predictions() -> None:
    found = np.where(np.arange(40) < 8, np.nan, 0.5)
    old = Outcomes("old", WRONG, {"recall@100": found, "only here": found})
    new = Outcomes("new", RIGHT, {"recall@100": np.where(np.isnan(found), np.nan, 0.75), "ndcg@10": np.zeros(40)})
    compared = compare_models(old, new, QUERIES, "match", primary="recall@100")
    change = compared.metrics["recall@100"]
    assert set(compared.metrics) == {"ndcg@10", "mrr@10", "recall@100"}
    assert change.examples == 32
    assert change.difference.mean == pytest.approx(0.25)
    assert compared.metrics["ndcg@10"].after.mean == 1


def test_values_alone_are_enough() -> None:
    old, new = Outcomes("old", values={"accuracy": [0.0] * 40}), Outcomes("new", values={"accuracy": [1.0] * 40})
    assert compare_models(old, new, QUERIES, "match").metrics["accuracy"].difference.mean == 1


@pytest.mark.parametrize(
    ("before", "after", "examples", "task", "said"),
    [
        (WRONG[:5], RIGHT, QUERIES, "match", "5 examples"),
        ([], [], QUERIES, "match", "no metric in common"),
        ([], [], (), "match", "no examples"),
        (WRONG, RIGHT, QUERIES, "mlm", "no predictions"),
        ([1.0] * 40, [1.0] * 40, QUERIES, "regress", "JudgedQuery where this task has a Valued"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    before: list[object], after: list[object], examples: tuple[JudgedQuery, ...], task: str, said: str
) -> None:
    with pytest.raises(BadRequest, match=said):
        compare_models(Outcomes("a", before), Outcomes("b", after), examples, task)  # type: ignore[arg-type]


def test_a_primary_metric_that_was_not_measured_is_refused() -> None:
    with pytest.raises(BadRequest, match="ndcg@10, mrr@10"):
        compare_models(Outcomes("a", WRONG), Outcomes("b", RIGHT), QUERIES, "match", primary="accuracy")


def test_recall_over_the_catalogue_is_exact() -> None:
    generator = np.random.default_rng(5)
    products = generator.normal(size=(300, 8)).astype(np.float32)
    products /= np.linalg.norm(products, axis=1, keepdims=True)
    ids = [f"p{n}" for n in range(300)]
    examples = [
        JudgedQuery("q0", (Candidate("a", 1.0, "p3"), Candidate("b", 1.0, "p9"), Candidate("c", 0.0, "p4"))),
        JudgedQuery("q1", (Candidate("a", 1.0, "gone"),)),
    ]
    queries = np.stack([products[3], products[3]])
    values = catalogue_recall(examples, queries, products, ids, k=1)
    assert values[0] == 0.5
    assert np.isnan(values[1])
    assert catalogue_recall(examples, queries, products, ids, k=300)[0] == 1
    with pytest.raises(BadRequest, match="as many vectors"):
        catalogue_recall(examples, queries, products, ids[:5])
