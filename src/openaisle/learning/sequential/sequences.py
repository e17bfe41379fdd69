"""Sessions cut, padded and shuffled into batches of like lengths."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openaisle.recommend.ids import UNKNOWN
from openaisle.recommend.interactions import Interactions


def sequences(interactions: Interactions, longest: int) -> list[NDArray[np.int32]]:
    """What each shopper opened, in order of time; of rows whose shopper is unknown, what each session opened. Longer
    ones are cut into pieces that overlap by half, shorter ones than two left out."""
    known = interactions.shopper != UNKNOWN
    owner = np.where(known, interactions.shopper, interactions.session + len(interactions.shoppers))
    order = np.lexsort((interactions.time, owner))
    bounds = np.flatnonzero(np.diff(owner[order])) + 1
    pieces = np.split(interactions.product[order], bounds)
    return [part for piece in pieces for part in _cut(piece, longest + 1) if len(part) > 1]


def _cut(piece: NDArray[np.int32], longest: int) -> Iterator[NDArray[np.int32]]:
    if len(piece) <= longest:
        yield piece
        return
    step = longest // 2
    for start in range(0, len(piece) - longest + step, step):
        yield piece[start : start + longest]


def batches(
    pieces: list[NDArray[np.int32]], size: int, padding: int, generator: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Products before and products to come, both (sessions, rows), padded at the end; a new order every time."""
    lengths = np.array([len(piece) for piece in pieces])
    order = np.lexsort((generator.random(len(pieces)), lengths))
    chunks = [order[start : start + size] for start in range(0, len(order), size)]
    for at in generator.permutation(len(chunks)):
        chosen = [pieces[place] for place in chunks[at]]
        table = np.full((len(chosen), max(len(piece) for piece in chosen)), padding, np.int64)
        for row, piece in zip(table, chosen, strict=True):
            row[: len(piece)] = piece
        whole = torch.from_numpy(table)
        yield whole[:, :-1], whole[:, 1:]
