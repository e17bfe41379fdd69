"""Two views of a text side by side: what a transformer makes of it, and what a bag of its pieces says.

The transformer knows how words work together within a language; the bag, taught by a translating teacher, knows what
stands for the same thing in another. How long the bag's vector is beside the transformer's depends on the language of
the text: where the transformer needs it less, it is shorter.
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
    """`english` and `chinese` are the lengths of the bag's vector beside the transformer's; for a text in both it lies
    between them. None of it is trained."""

    english: Tensor
    chinese: Tensor

    def __init__(self, centring: Centring, bag: Bag, english: float, chinese: float) -> None:
        super().__init__()
        self.centring = centring
        self.bag = bag.requires_grad_(False)
        self.register_buffer("english", torch.tensor([english]))
        self.register_buffer("chinese", torch.tensor([chinese]))

    @property
    def added(self) -> int:
        return self.bag.table.embedding_dim

    def forward(self, vectors: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        first = self.centring(vectors, input_ids, attention_mask)
        han = self.centring.han(input_ids, attention_mask)
        share = (1 - han) * self.english + han * self.chinese
        return normalize(torch.cat([first, share * self.bag(input_ids, attention_mask)], dim=-1), dim=-1)

    def select(self, rows: Tensor) -> Self:
        return type(self)(self.centring.select(rows), self.bag.select(rows), float(self.english), float(self.chinese))

    def save(self, folder: Path) -> None:
        save_file({name: tensor.detach().contiguous() for name, tensor in self.state_dict().items()}, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        if not (folder / FILE).exists():
            return None
        held = load_file(folder / FILE)
        centring = Centring(*(held[f"centring.{name}"] for name in ("scripts", "english", "chinese")))
        return cls(centring, Bag.of(held["bag.table.weight"]), float(held["english"]), float(held["chinese"]))
