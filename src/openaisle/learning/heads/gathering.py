"""One batch out of the parts that several processes hold, so that each text meets all others as in one process.

Every process then computes the loss of the whole batch. Gathering hands the gradients of all of them back to where a
vector came from, their sum; averaging over processes, as data-parallel training does, makes it the one gradient of the
whole batch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, distributed
from torch.nn.functional import pad

Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Queries (n, d), documents (D, d), place (n, m) and gains (n, m), as losses take them."""


def processes() -> int:
    """How many there are; 1 outside of distributed training."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def gathered(batch: Batch, keys: Tensor) -> Batch:
    """The batch of all processes; `keys` int64 (D,) are equal for equal documents, which become one again."""
    queries, documents, place, gains = batch
    sizes = _sizes(batch)
    width = max(size[2] for size in sizes)
    counts = [[size[part] for size in sizes] for part in (0, 1)]
    starts = torch.tensor([0, *counts[1]], device=place.device).cumsum(0)
    places = _of_all(pad(place, (0, width - place.shape[1]), value=-1), counts[0])
    shifted = [torch.where(part >= 0, part + start, -1) for part, start in zip(places, starts, strict=False)]
    return _once(
        torch.cat(_of_all(queries, counts[0])),
        torch.cat(_of_all(documents, counts[1])),
        torch.cat(shifted),
        torch.cat(_of_all(pad(gains, (0, width - gains.shape[1])), counts[0])),
        torch.cat(_of_all(keys, counts[1])),
    )


def _sizes(batch: Batch) -> list[tuple[int, int, int]]:
    """Queries, documents and length of the lists in each process."""
    queries, documents, place, _ = batch
    own = torch.tensor([len(queries), len(documents), place.shape[1]], device=queries.device)
    sizes = [torch.empty_like(own) for _ in range(processes())]
    distributed.all_gather(sizes, own)
    return [(int(size[0]), int(size[1]), int(size[2])) for size in sizes]


def _of_all(tensor: Tensor, counts: list[int]) -> list[Tensor]:
    """The tensor of each process, which differ in their rows only; gradients flow where there are any."""
    longest = max(counts)
    filled = pad(tensor, (0, 0) * (tensor.ndim - 1) + (0, longest - len(tensor))).contiguous()
    parts: Tensor = _Gather.apply(filled)  # type: ignore[no-untyped-call]
    return [part[:count] for part, count in zip(parts, counts, strict=True)]


class _Gather(torch.autograd.Function):
    """Tensors of one shape from every process, (processes, ...)."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor) -> Tensor:
        parts = [torch.empty_like(tensor) for _ in range(processes())]
        distributed.all_gather(parts, tensor)
        return torch.stack(parts)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total[distributed.get_rank()]


def _once(queries: Tensor, documents: Tensor, place: Tensor, gains: Tensor, keys: Tensor) -> Batch:
    """Each document once, where it comes first."""
    distinct, number = torch.unique(keys, return_inverse=True)
    position = torch.arange(len(keys), device=keys.device)
    first = torch.full_like(distinct, len(keys)).scatter_reduce(0, number, position, "amin")
    return queries, documents[first], torch.where(place >= 0, number[place.clamp(min=0)], -1), gains
