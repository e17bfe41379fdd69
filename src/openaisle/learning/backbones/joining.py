"""Two views of a text in one vector: what a transformer makes of it, and what a shallow model says of its windows.

The transformer knows how words work together within a language; the shallow one, taught by a translating teacher, knows
what stands for the same thing in another. Both views, scaled, stand side by side and are projected on the directions in
which texts differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import normalize

from openaisle.learning.backbones.centring import Centring
from openaisle.learning.backbones.convolutions import Convolutions

FILE = "joining.safetensors"


class Joining(nn.Module):
    """`axes`: float32 (transformer's width + the shallow model's, width), in which the scale of either view is
    included. None of it is trained."""

    axes: Tensor

    def __init__(self, centring: Centring, windows: Convolutions, axes: Tensor) -> None:
        super().__init__()
        self.centring = centring
        self.windows = windows.requires_grad_(False)
        self.register_buffer("axes", axes)

    def forward(self, vectors: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return normalize(self.side_by_side(vectors, input_ids, attention_mask) @ self.axes, dim=-1)

    def side_by_side(self, vectors: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(texts, both widths), two unit vectors each."""
        first = self.centring(vectors, input_ids, attention_mask)
        return torch.cat([first, self.windows(input_ids, attention_mask)], dim=-1)

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.centring.select(rows), self.windows.select(rows), self.axes)

    def save(self, folder: Path) -> None:
        sizes = {name: str(size) for name, size in self.windows.sizes.items()}
        state = {name: tensor.detach().contiguous() for name, tensor in self.state_dict().items()}
        save_file(state, folder / FILE, metadata=sizes)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        if not (folder / FILE).exists():
            return None
        with safe_open(folder / FILE, framework="pt") as file:
            sizes = {name: int(size) for name, size in file.metadata().items()}
        held = load_file(folder / FILE)
        centring = Centring(*(held[f"centring.{name}"] for name in ("scripts", "english", "chinese")))
        joining = cls(centring, Convolutions(**sizes), held["axes"])
        joining.load_state_dict(held)
        return joining
