"""The random field's loss against all paths, one by one."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
import torch
from torch import Tensor

from openaisle.errors import RecipeError
from openaisle.learning.losses import LossOptions, build_loss
from openaisle.learning.losses.cross_entropy import IGNORED
from openaisle.learning.losses.random_field import RandomField

TAGS = 3


def by_hand(logits: Tensor, labels: list[int], first: Tensor, follow: Tensor) -> Tensor:
    """−log of the gold path's share of all paths."""

    def score(path: tuple[int, ...]) -> Tensor:
        steps = sum((follow[one, other] for one, other in pairwise(path)), torch.tensor(0.0))
        return first[path[0]] + steps + sum(row[tag] for row, tag in zip(logits, path, strict=True))

    paths = torch.stack([score(path) for path in product(range(TAGS), repeat=len(labels))])
    return paths.logsumexp(0) - score(tuple(labels))


@pytest.fixture
def scores() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    return (
        torch.randn(2, 5, TAGS, generator=generator),
        torch.randn(TAGS, generator=generator),
        torch.randn(TAGS, TAGS, generator=generator),
    )


def test_is_the_share_of_the_gold_path(scores: tuple[Tensor, Tensor, Tensor]) -> None:
    logits, first, follow = scores
    labels = torch.tensor([[2, 0, 1, 1, 0], [1, 1, IGNORED, IGNORED, IGNORED]])
    expected = by_hand(logits[0], [2, 0, 1, 1, 0], first, follow) + by_hand(logits[1, :2], [1, 1], first, follow)
    torch.testing.assert_close(RandomField()(logits, labels, first, follow), expected / 7)


def test_ignored_tokens_are_as_if_they_were_not_there(scores: tuple[Tensor, Tensor, Tensor]) -> None:
    logits, first, follow = scores
    labels = torch.tensor([[IGNORED, 0, IGNORED, 2, IGNORED], [IGNORED] * 5])
    expected = by_hand(logits[0, [1, 3]], [0, 2], first, follow) / 2
    torch.testing.assert_close(RandomField()(logits, labels, first, follow), expected)


def test_nothing_to_judge_costs_nothing(scores: tuple[Tensor, Tensor, Tensor]) -> None:
    logits, first, follow = scores
    logits.requires_grad_()
    loss = RandomField()(logits, torch.full((2, 5), IGNORED), first, follow)
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert logits.grad.abs().sum() == 0


def test_only_tagging_takes_it() -> None:
    assert isinstance(build_loss(LossOptions("random_field"), "tags"), RandomField)
    with pytest.raises(RecipeError):
        build_loss(LossOptions("random_field"), "logits")
