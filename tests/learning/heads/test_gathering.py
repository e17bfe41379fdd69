"""Two processes with half of the batch each compute what one computes with all of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, local

import pytest
import torch
from torch import Tensor

from openaisle.learning.heads import gathering
from openaisle.learning.losses import LossOptions, build_loss

_PLACES = [torch.tensor([[0, 1, 2], [2, -1, -1]]), torch.tensor([[1, 0]])]
_GAINS = [torch.tensor([[1.0, 0.0, 0.5], [1.0, 0.0, 0.0]]), torch.tensor([[1.0, 0.0]])]
_KEYS = [torch.tensor([7, 8, 9]), torch.tensor([9, 5])]
"""The third document of the first process is the first of the second."""


class Together:
    """Two threads in the place of two processes: the collectives of torch.distributed that gathering uses."""

    def __init__(self) -> None:
        self._mine = local()
        self._handed: list[Tensor | None] = [None, None]
        self._barrier = Barrier(2, timeout=60)

    def join(self, rank: int) -> None:
        self._mine.rank = rank

    def is_available(self) -> bool:
        return True

    def is_initialized(self) -> bool:
        return hasattr(self._mine, "rank")

    def get_rank(self) -> int:
        return int(self._mine.rank)

    def get_world_size(self) -> int:
        return 2

    def all_gather(self, parts: list[Tensor], own: Tensor) -> None:
        for part, tensor in zip(parts, self._exchanged(own), strict=True):
            part.copy_(tensor)

    def all_reduce(self, own: Tensor) -> None:
        own.copy_(torch.stack(self._exchanged(own)).sum(dim=0))

    def _exchanged(self, own: Tensor) -> list[Tensor]:
        self._handed[self.get_rank()] = own.detach().clone()
        self._barrier.wait()
        handed = [tensor for tensor in self._handed if tensor is not None]
        self._barrier.wait()
        assert handed[0].shape == handed[1].shape
        return handed


def vectors() -> tuple[Tensor, Tensor]:
    """Three queries and four distinct documents."""
    generator = torch.Generator().manual_seed(5)
    return torch.randn(3, 6, generator=generator), torch.randn(4, 6, generator=generator)


@pytest.mark.parametrize("name", ["multiple_negatives", "softmax", "cosine_similarity"])
def test_two_processes_give_the_gradient_of_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    together = Together()
    monkeypatch.setattr(gathering, "distributed", together)
    loss = build_loss(LossOptions(name, temperature=1.0), "vectors")
    queries, documents = vectors()

    def in_process(rank: int) -> Tensor:
        together.join(rank)
        weight = torch.ones(6, requires_grad=True)
        own = (queries[:2], documents[:3]) if rank == 0 else (queries[2:], documents[2:])
        batch = (own[0] * weight, own[1] * weight, _PLACES[rank], _GAINS[rank])
        loss(*gathering.gathered(batch, _KEYS[rank])).backward()
        assert weight.grad is not None
        return weight.grad

    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(in_process, range(2)))
    weight = torch.ones(6, requires_grad=True)
    place = torch.tensor([[0, 1, 2], [2, -1, -1], [3, 2, -1]])
    gains = torch.tensor([[1, 0, 0.5], [1, 0, 0], [1, 0, 0]])
    loss(queries * weight, documents * weight, place, gains).backward()
    torch.testing.assert_close((parts[0] + parts[1]) / 2, weight.grad)
    assert not torch.allclose(parts[0], parts[1])


def test_there_is_one_process_where_nothing_is_distributed() -> None:
    assert gathering.processes() == 1
