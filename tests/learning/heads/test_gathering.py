"""Two processes with half of the batch each compute what one computes with all of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import torch

from openaisle.learning.losses import LossOptions, build_loss

_PLACES = [torch.tensor([[0, 1, 2], [2, -1, -1]]), torch.tensor([[1, 0]])]
_GAINS = [torch.tensor([[1.0, 0.0, 0.5], [1.0, 0.0, 0.0]]), torch.tensor([[1.0, 0.0]])]
_KEYS = [torch.tensor([7, 8, 9]), torch.tensor([9, 5])]
"""The third document of the first process is the first of the second."""


def vectors() -> tuple[torch.Tensor, torch.Tensor]:
    """Three queries and four distinct documents."""
    torch.manual_seed(5)
    return torch.randn(3, 6), torch.randn(4, 6)


def gradient(queries: torch.Tensor, documents: torch.Tensor, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """Of the loss by a scale of every vector's dimensions, as by weights of a model."""
    weight = torch.ones(6, requires_grad=True)
    loss = build_loss(LossOptions("multiple_negatives", temperature=1.0), "vectors")
    loss(queries * weight, documents * weight, *batch).backward()
    assert weight.grad is not None
    return weight.grad


def test_two_processes_give_the_gradient_of_one(tmp_path: Path) -> None:
    queries, documents = vectors()
    whole = gradient(
        queries,
        documents,
        (torch.tensor([[0, 1, 2], [2, -1, -1], [3, 2, -1]]), torch.tensor([[1, 0, 0.5], [1, 0, 0], [1, 0, 0]])),
    )
    environment = {**os.environ, "MEETING": str(tmp_path / "meeting"), "WORLD_SIZE": "2", "OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(
            [sys.executable, __file__, str(tmp_path / f"{rank}.pt")], env={**environment, "RANK": str(rank)}
        )
        for rank in range(2)
    ]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    parts = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2)]
    torch.testing.assert_close((parts[0] + parts[1]) / 2, whole)
    assert not torch.allclose(parts[0], whole)


def _one_process(result: Path) -> None:
    from torch import distributed

    from openaisle.learning.heads.gathering import gathered

    rank = int(os.environ["RANK"])
    distributed.init_process_group("gloo", f"file://{os.environ['MEETING']}", rank=rank, world_size=2)
    queries, documents = vectors()
    own = (queries[:2], documents[:3]) if rank == 0 else (queries[2:], documents[2:])
    weight = torch.ones(6, requires_grad=True)
    batch = (own[0] * weight, own[1] * weight, _PLACES[rank], _GAINS[rank])
    build_loss(LossOptions("multiple_negatives", temperature=1.0), "vectors")(*gathered(batch, _KEYS[rank])).backward()
    torch.save(weight.grad, result)
    distributed.destroy_process_group()


if __name__ == "__main__":
    _one_process(Path(sys.argv[1]))
