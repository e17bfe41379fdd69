"""Two views of a text in one vector: what a transformer makes of it, and what a table says of its pieces.

The transformer knows how words work together; the table, one row a piece, knows what stands for the same thing in
another language, for which order matters little. Both views, scaled, stand side by side and are projected on the
directions in which texts differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import normalize

from openaisle.learning.backbones.centring import Centring

FILE = "joining.safetensors"


class Joining(nn.Module):
    """`table`: float32 (pieces, k); `axes`: float32 (transformer's width + k, width), in which the
    scale of either view is included. None of it is trained."""

    table: Tensor
    axes: Tensor

    def __init__(self, centring: Centring, table: Tensor, axes: Tensor) -> None:
        super().__init__()
        self.centring = centring
        self.register_buffer("table", table)
        self.register_buffer("axes", axes)

    def forward(self, vectors: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return normalize(self.side_by_side(vectors, input_ids, attention_mask) @ self.axes, dim=-1)

    def side_by_side(self, vectors: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(texts, transformer's width + k), two unit vectors each."""
        return torch.cat(
            [self.centring(vectors, input_ids, attention_mask), self.of_pieces(input_ids, attention_mask)], dim=-1
        )

    def of_pieces(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """What the table says: unit vectors (texts, k)."""
        return normalize((self.table[input_ids] * attention_mask[:, :, None]).sum(dim=1), dim=-1)

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.centring.select(rows), self.table[rows], self.axes)

    def save(self, folder: Path) -> None:
        save_file({name: buffer.contiguous() for name, buffer in self.state_dict().items()}, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        if not (folder / FILE).exists():
            return None
        held = load_file(folder / FILE)
        centring = Centring(*(held[f"centring.{name}"] for name in ("scripts", "english", "chinese")))
        return cls(centring, held["table"], held["axes"])
