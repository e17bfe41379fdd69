"""What all losses have in common: they go down, do not mind the order, and stay finite at the edges."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from openaisle.errors import RecipeError
from openaisle.learning.losses import LossOptions, build_loss, loss_names

VECTOR_LOSSES = loss_names("vectors")
SCORE_LOSSES = loss_names("scores")


def vector_loss(name: str, **options: object) -> nn.Module:
    return build_loss(LossOptions(name, **options), "vectors")  # type: ignore[arg-type]


def toy() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    torch.manual_seed(3)
    place = torch.tensor([[0, 1, 2], [3, 4, -1], [1, 5, 0]])
    gains = torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    return torch.randn(3, 16), torch.randn(6, 16), place, gains


@pytest.mark.parametrize("name", VECTOR_LOSSES)
@pytest.mark.parametrize("matryoshka", [(), (8,)])
def test_vector_losses_go_down(name: str, matryoshka: tuple[int, ...]) -> None:
    queries, documents, place, gains = toy()
    loss = vector_loss(name, matryoshka=matryoshka)
    free = [queries.requires_grad_(), documents.requires_grad_()]
    optimizer = torch.optim.Adam([*free, *loss.parameters()], lr=0.05)
    values = []
    for _ in range(30):
        value = loss(normalize(queries, dim=1), normalize(documents, dim=1), place, gains)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        values.append(value.item())
    assert values[-1] < 0.8 * values[0]


@pytest.mark.parametrize("name", SCORE_LOSSES)
def test_score_losses_go_down(name: str) -> None:
    _, _, place, gains = toy()
    loss = build_loss(LossOptions(name), "scores")
    scores = torch.randn(3, 3, requires_grad=True)
    optimizer = torch.optim.Adam([scores], lr=0.1)
    values = []
    for _ in range(30):
        value = loss(scores, gains, place >= 0)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        values.append(value.item())
    assert values[-1] < 0.8 * values[0]


@pytest.mark.parametrize("name", VECTOR_LOSSES)
def test_the_order_of_queries_documents_and_lists_does_not_matter(name: str) -> None:
    queries, documents, place, gains = toy()
    queries, documents = normalize(queries, dim=1), normalize(documents, dim=1)
    loss = vector_loss(name)
    before = loss(queries, documents, place, gains)
    rows, columns, order = torch.tensor([2, 0, 1]), torch.tensor([1, 2, 0]), torch.tensor([4, 2, 0, 5, 1, 3])
    moved = torch.where(place >= 0, order.argsort()[place], -1)[rows][:, columns]
    after = loss(queries[rows], documents[order], moved, gains[rows][:, columns])
    torch.testing.assert_close(after, before)


@pytest.mark.parametrize("name", SCORE_LOSSES)
def test_the_order_of_a_list_does_not_matter_even_with_ties(name: str) -> None:
    gains = torch.tensor([[1.0, 0.0, 0.5, 0.0]])
    scores, mask = torch.tensor([[0.2, 0.2, 0.2, 0.9]]), torch.tensor([[True, True, True, False]])
    loss = build_loss(LossOptions(name), "scores")
    order = torch.tensor([2, 3, 0, 1])
    torch.testing.assert_close(loss(scores[:, order], gains[:, order], mask[:, order]), loss(scores, gains, mask))


def edges() -> dict[str, tuple[Tensor, Tensor, Tensor, Tensor]]:
    same, queries = torch.ones(2, 4), torch.eye(4)[:2]
    return {
        "identical vectors": (same, same, torch.tensor([[0, 1], [1, 0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])),
        "opposite vectors": (same, -same, torch.tensor([[0, 1], [1, 0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])),
        "one candidate": (queries[:1], queries[:1], torch.tensor([[0]]), torch.tensor([[1.0]])),
        "all gains 0": (queries, queries, torch.tensor([[0, 1], [1, -1]]), torch.zeros(2, 2)),
        "all gains 1": (queries, queries, torch.tensor([[0, 1], [1, 0]]), torch.ones(2, 2)),
    }


@pytest.mark.parametrize("name", VECTOR_LOSSES)
@pytest.mark.parametrize("edge", edges())
def test_edges_give_finite_losses_and_gradients(name: str, edge: str) -> None:
    queries, documents, place, gains = edges()[edge]
    queries, documents = queries.clone().requires_grad_(), documents.clone().requires_grad_()
    loss = vector_loss(name)(normalize(queries, dim=1), normalize(documents, dim=1), place, gains)
    loss.backward()
    assert torch.isfinite(loss)
    for tensor in (queries, documents):
        assert tensor.grad is not None
        assert torch.isfinite(tensor.grad).all()


@pytest.mark.parametrize("name", SCORE_LOSSES)
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_extreme_scores_give_finite_gradients(name: str, scale: float) -> None:
    scores = torch.tensor([[scale, -scale, 0.0], [0.0, 0.0, 0.0]], requires_grad=True)
    gains, mask = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), torch.tensor([[True] * 3, [True, False, False]])
    loss = build_loss(LossOptions(name), "scores")(scores, gains, mask)
    loss.backward()
    assert torch.isfinite(loss)
    assert scores.grad is not None
    assert torch.isfinite(scores.grad).all()


def test_codes_pass_gradients_to_vectors() -> None:
    queries, documents, place, gains = toy()
    queries.requires_grad_()
    codes = vector_loss("binary_codes:softmax")
    codes(normalize(queries, dim=1), normalize(documents, dim=1), place, gains).backward()
    plain = queries.grad.clone()  # type: ignore[union-attr]
    queries.grad = None
    (vector_loss("softmax")(normalize(queries, dim=1), normalize(documents, dim=1), place, gains) / 2).backward()
    assert not torch.allclose(plain, queries.grad)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "takes"), [("tripel", "vectors"), ("binary_codes:lambda", "scores")])
def test_an_unknown_loss_names_the_known_ones(name: str, takes: str) -> None:
    with pytest.raises(RecipeError, match="lambda"):
        build_loss(LossOptions(name), takes)  # type: ignore[arg-type]


def test_an_empty_name_is_the_usual_loss() -> None:
    assert type(build_loss(LossOptions(), "vectors")).__name__ == "MultipleNegatives"
    assert type(build_loss(LossOptions("binary_codes"), "vectors")).__name__ == "BinaryCodes"
