"""Two views of a text side by side: what a transformer makes of it, and what a bag of its pieces says.

The transformer knows how words work together within a language; the bag, taught by a translating teacher, knows what
stands for the same thing in another, and which of them a text is about.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import normalize

from openaisle.learning.backbones.bag import Bag
from openaisle.learning.backbones.centring import Centring

FILE = "joining.safetensors"


class Joining(nn.Module):
    """`share` is the length of the bag's vector beside the transformer's, which has 1. None of it is trained."""

    share: Tensor

    def __init__(self, centring: Centring, bag: Bag, share: float) -> None:
        super().__init__()
        self.centring = centring
        self.bag = bag.requires_grad_(False)
        self.register_buffer("share", torch.tensor([share]))

    @property
    def added(self) -> int:
        return self.bag.table.embedding_dim

    def forward(self, vectors: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        first = self.centring(vectors, input_ids, attention_mask)
        return normalize(torch.cat([first, self.share * self.bag(input_ids, attention_mask)], dim=-1), dim=-1)

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.centring.select(rows), self.bag.select(rows), float(self.share))

    def save(self, folder: Path) -> None:
        save_file({name: tensor.detach().contiguous() for name, tensor in self.state_dict().items()}, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        if not (folder / FILE).exists():
            return None
        held = load_file(folder / FILE)
        centring = Centring(*(held[f"centring.{name}"] for name in ("scripts", "english", "chinese")))
        return cls(centring, Bag.of(held["bag.table.weight"]), float(held["share"]))
