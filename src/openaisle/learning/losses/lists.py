"""Looking at a batch's judged lists from the side a loss needs."""

from __future__ import annotations

import torch
from torch import Tensor


def listed(documents: Tensor, place: Tensor) -> Tensor:
    """The documents' vectors at the places of each list, (n, m, d); whatever stands where there is none."""
    return documents[place.clamp(min=0)]


def pairs(place: Tensor) -> tuple[Tensor, Tensor]:
    """Row and column of every text that is listed, (pairs,) each."""
    rows, columns = torch.nonzero(place >= 0, as_tuple=True)
    return rows, columns


def gains_of_all(gains: Tensor, place: Tensor, documents: int) -> Tensor:
    """Each query's gain of every document of the batch, (n, D); 0 for what is not in its list."""
    everything = gains.new_zeros(len(gains), documents)
    return everything.scatter_reduce(1, place.clamp(min=0), gains * (place >= 0), "amax")


def mean_where(values: Tensor, chosen: Tensor) -> Tensor:
    """The mean of the chosen values; 0, with gradients of 0, if none is."""
    return torch.where(chosen, values, 0).sum() / chosen.sum().clamp(min=1)
