"""What a model's pooled vectors go through before they are compared: the protocol, and what a folder holds of it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from torch import Tensor

from openaisle.learning.backbones.centring import Centring
from openaisle.learning.backbones.joining import Joining


@runtime_checkable
class Finish(Protocol):
    """A module without trained weights."""

    @property
    def added(self) -> int:
        """By how many numbers its vectors are longer than those it is given."""

    def __call__(self, vectors: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Unit vectors (texts, width), and piece ids and mask (texts, tokens) of their texts → unit vectors (texts,
        width + added)."""

    def select(self, rows: Tensor) -> Self:
        """The same for a vocabulary that keeps these pieces, in this order: int64 (kept,)."""

    def save(self, folder: Path) -> None:
        """Write it into the folder of its model."""


def load_finish(folder: Path) -> Finish | None:
    """The finish saved in a folder, if there is one."""
    return Joining.load(folder) or Centring.load(folder)
