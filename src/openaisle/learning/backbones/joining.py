"""Two views of a text in one vector: what a transformer makes of it, and what a shallow model says of its pieces.

The transformer knows how words work together within a language; the shallow one, taught by a translating teacher, knows
what stands for the same thing in another: a bag of pieces, or convolutions over them. Both views, scaled, stand side by
side and are projected on the directions in which texts differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import normalize

from openaisle.learning.backbones.bag import Bag
from openaisle.learning.backbones.centring import Centring
from openaisle.learning.backbones.convolutions import Convolutions

FILE = "joining.safetensors"

_VIEWS: Mapping[str, Callable[..., Bag | Convolutions]] = MappingProxyType({"bag": Bag, "convolutions": Convolutions})
_KIND = "view"


class Joining(nn.Module):
    """`axes`: float32 (transformer's width + the view's, width), in which the scale of either is included. None of it
    is trained."""

    axes: Tensor

    def __init__(self, centring: Centring, view: Bag | Convolutions, axes: Tensor) -> None:
        super().__init__()
        self.centring = centring
        self.view = view.requires_grad_(False)
        self.register_buffer("axes", axes)

    def forward(self, vectors: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return normalize(self.side_by_side(vectors, input_ids, attention_mask) @ self.axes, dim=-1)

    def side_by_side(self, vectors: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(texts, both widths), two unit vectors each."""
        first = self.centring(vectors, input_ids, attention_mask)
        return torch.cat([first, self.view(input_ids, attention_mask)], dim=-1)

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.centring.select(rows), self.view.select(rows), self.axes)

    def save(self, folder: Path) -> None:
        kind = next(name for name, make in _VIEWS.items() if type(self.view) is make)
        sizes = {name: str(size) for name, size in self.view.sizes.items()}
        state = {name: tensor.detach().contiguous() for name, tensor in self.state_dict().items()}
        save_file(state, folder / FILE, metadata={_KIND: kind} | sizes)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        if not (folder / FILE).exists():
            return None
        with safe_open(folder / FILE, framework="pt") as file:
            stated = dict(file.metadata())
        make = _VIEWS[stated.pop(_KIND)]
        held = load_file(folder / FILE)
        centring = Centring(*(held[f"centring.{name}"] for name in ("scripts", "english", "chinese")))
        joining = cls(centring, make(**{name: int(size) for name, size in stated.items()}), held["axes"])
        joining.load_state_dict(held)
        return joining
