"""Each loss has the value that its formula gives by hand."""

from __future__ import annotations

import math

import pytest
import torch
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch import Tensor
from torch.nn.functional import normalize

from openaisle.learning.losses import LossOptions, build_loss
from openaisle.learning.losses.cross_entropy import CrossEntropy

# one query along the first axis; documents at cosines 1, 0.6 and 0
QUERY = torch.tensor([[1.0, 0.0]])
DOCUMENTS = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
PLACE = torch.tensor([[0, 1, 2]])
GAINS = torch.tensor([[1.0, 0.5, 0.0]])
MASK = torch.tensor([[True, True, True]])


def on_vectors(name: str, gains: Tensor = GAINS, **options: float) -> float:
    loss = build_loss(LossOptions(name, **options), "vectors")  # type: ignore[arg-type]
    return loss(QUERY, DOCUMENTS, PLACE, gains).item()


def on_scores(name: str, scores: list[float], gains: Tensor = GAINS, mask: Tensor = MASK) -> float:
    return build_loss(LossOptions(name), "scores")(torch.tensor([scores]), gains, mask).item()


def test_cross_entropy_ignores_what_is_not_labelled() -> None:
    logits = torch.tensor([[0.0, math.log(3.0)], [9.0, -9.0]])
    assert CrossEntropy()(logits, torch.tensor([1, -100])).item() == pytest.approx(math.log(4 / 3))
    assert CrossEntropy()(logits, torch.tensor([-100, -100])).item() == 0


def test_binary_cross_entropy() -> None:
    by_hand = (math.log(1 + math.exp(-2)) + math.log(2) + math.log(1 + math.exp(-1))) / 3
    assert on_scores("binary_cross_entropy", [2.0, 0.0, -1.0]) == pytest.approx(by_hand)


def test_bce_similarity() -> None:
    logits, gains = [5.0, 1.0, -5.0], [1.0, 0.5, 0.0]  # 10 · (cosine − .5)
    by_hand = sum(math.log1p(math.exp(logit)) - gain * logit for logit, gain in zip(logits, gains, strict=True)) / 3
    assert on_vectors("bce_similarity", temperature=0.1) == pytest.approx(by_hand, rel=1e-4)


def test_cosine_similarity() -> None:
    assert on_vectors("cosine_similarity") == pytest.approx((0 + 0.1**2 + 0) / 3)


def test_contrastive() -> None:
    # distances 0, .4 (answers) and 1 (does not, beyond the margin, then within)
    assert on_vectors("contrastive", margin=0.5) == pytest.approx(0.5 * 0.4**2 / 3)
    assert on_vectors("contrastive", margin=1.5) == pytest.approx((0.5 * 0.4**2 + 0.5 * 0.5**2) / 3)


def test_triplet() -> None:
    # better/worse distances: 0/.4, 0/1, .4/1
    assert on_vectors("triplet", margin=0.5) == pytest.approx((0.1 + 0 + 0) / 3, rel=1e-4)


def test_multiple_negatives_weighs_answers_by_gain() -> None:
    answers = [math.log(1 + math.exp(-1)), math.log(1 + math.exp(-0.6))]  # against the one text that answers nothing
    assert on_vectors("multiple_negatives", temperature=1.0) == pytest.approx((answers[0] + answers[1] / 2) / 1.5)


def test_multiple_negatives_is_the_published_one_on_triplets() -> None:
    torch.manual_seed(1)
    queries, positives, hard = (normalize(torch.randn(4, 8), dim=1) for _ in range(3))
    published = MultipleNegativesRankingLoss(None, scale=20.0)
    expected = published.compute_loss_from_embeddings([queries, positives, hard], torch.zeros(4))
    place = torch.tensor([[row, row + 4] for row in range(4)])
    gains = torch.tensor([[1.0, 0.0]] * 4)
    ours = build_loss(LossOptions("multiple_negatives"), "vectors")(queries, torch.cat([positives, hard]), place, gains)
    assert ours.item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_shared_answer_is_no_negative() -> None:
    queries, place = torch.cat([QUERY, QUERY]), torch.tensor([[0], [0]])
    loss = build_loss(LossOptions("multiple_negatives"), "vectors")
    assert loss(queries, DOCUMENTS[:1], place, torch.ones(2, 1)).item() == 0


def test_margin_mse() -> None:
    # differences of scores 1, 3, 2; of gains .5, 1, .5
    assert on_scores("margin_mse", [3.0, 2.0, 0.0]) == pytest.approx((0.5**2 + 2**2 + 1.5**2) / 3)
    assert on_vectors("margin_mse") == pytest.approx((0.1**2 + 0 + 0.1**2) / 3, rel=1e-4)


def test_mean_squared_error() -> None:
    assert on_scores("mean_squared_error", [1.0, 1.5, 0.0]) == pytest.approx(1 / 3)


def test_softmax() -> None:
    total = math.exp(2) + math.exp(1) + math.exp(0)
    by_hand = -(2 / 3 * math.log(math.exp(2) / total) + 1 / 3 * math.log(math.exp(1) / total))
    assert on_scores("softmax", [2.0, 1.0, 0.0]) == pytest.approx(by_hand)


def test_lambda() -> None:
    discount = [1 / math.log2(1 + rank) for rank in (1, 2, 3)]
    ideal = 1 * discount[0] + 0.5 * discount[1]
    # scored in the order c, b, a: ranks 3, 2, 1 for gains 1, .5, 0
    weights = [0.5 * (discount[1] - discount[2]), 1 * (discount[0] - discount[2]), 0.5 * (discount[0] - discount[1])]
    losses = [math.log2(1 + math.exp(1)), math.log2(1 + math.exp(2)), math.log2(1 + math.exp(1))]
    by_hand = sum(weight * loss for weight, loss in zip(weights, losses, strict=True)) / ideal
    assert on_scores("lambda", [0.0, 1.0, 2.0]) == pytest.approx(by_hand)


def test_what_is_not_there_does_not_count() -> None:
    mask = torch.tensor([[True, True, False]])
    for name in ("binary_cross_entropy", "mean_squared_error", "margin_mse", "softmax", "lambda"):
        short = build_loss(LossOptions(name), "scores")(torch.tensor([[0.3, 0.8]]), GAINS[:, :2], mask[:, :2]).item()
        assert on_scores(name, [0.3, 0.8, 99.0], mask=mask) == pytest.approx(short), name


def test_embedding_distillation() -> None:
    student, teacher = torch.tensor([[1.0, 0.0], [0.6, 0.8]]), torch.tensor([[0.0, 1.0], [0.6, 0.8]])
    cosine = build_loss(LossOptions("embedding_distillation"), "teacher")
    mse = build_loss(LossOptions("embedding_distillation_mse"), "teacher")
    assert cosine(student, teacher).item() == pytest.approx(0.5)
    assert mse(student, teacher).item() == pytest.approx(2 / 4)


def test_matryoshka_is_the_mean_over_lengths() -> None:
    queries, documents = torch.tensor([[0.6, 0.8]]), torch.tensor([[0.6, 0.8], [-0.6, 0.8]])
    place, gains = torch.tensor([[0, 1]]), torch.tensor([[1.0, 0.0]])
    # cosines: full 1 and .28; of the first dimension alone 1 and -1
    loss = build_loss(LossOptions("cosine_similarity", matryoshka=(1, 64)), "vectors")
    assert loss(queries, documents, place, gains).item() == pytest.approx((0.28**2 / 2 + 1 / 2) / 2, rel=1e-4)


def test_binary_codes_compare_by_hamming_distance() -> None:
    queries, documents = torch.tensor([[0.5, 0.5, -0.5, 0.5]]), torch.tensor([[0.7, -0.1, -0.5, 0.5]])
    place, gains = torch.tensor([[0]]), torch.tensor([[1.0]])
    cosine = (queries @ normalize(documents, dim=1).T).item()
    loss = build_loss(LossOptions("binary_codes:cosine_similarity"), "vectors")
    by_hand = ((1 - (1 - 2 * 1 / 4)) ** 2 + (1 - cosine) ** 2) / 2
    assert loss(queries, normalize(documents, dim=1), place, gains).item() == pytest.approx(by_hand, rel=1e-4)
