"""Language centring in training: from each vector the mean of its text's language is taken away.

What the starter's ONNX graph does at its end, so that a model trained on from the starter begins where it stands.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import normalize

FILE = "centring.safetensors"


class Centring(nn.Module):
    """`scripts`: uint8 (pieces, 2), whether a piece is Han, is Latin; `english`, `chinese`: float32 (width,).

    The centre lies between the two by the share of Han among the pieces that are either. None of it is trained.
    """

    scripts: Tensor
    english: Tensor
    chinese: Tensor
    added: int = 0

    def __init__(self, scripts: Tensor, english: Tensor, chinese: Tensor) -> None:
        super().__init__()
        self.register_buffer("scripts", scripts)
        self.register_buffer("english", english)
        self.register_buffer("chinese", chinese)

    def forward(self, vectors: Tensor, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Unit vectors (texts, width), and piece ids and mask (texts, tokens) of their texts → unit vectors."""
        han = self.han(input_ids, attention_mask)
        return normalize(vectors - ((1 - han) * self.english + han * self.chinese), dim=-1)

    def han(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Float (texts, 1): the share of Han among a text's pieces that are Han or Latin, 0 where none is."""
        counts = (self.scripts[input_ids].float() * attention_mask[:, :, None]).sum(dim=1)
        return counts[:, :1] / counts.sum(dim=1, keepdim=True).clamp(min=1)

    def select(self, rows: Tensor) -> Self:
        """The centring of a vocabulary that keeps these pieces, in this order: int64 (kept,)."""
        return type(self)(self.scripts[rows], self.english, self.chinese)

    def save(self, folder: Path) -> None:
        save_file({name: buffer.contiguous() for name, buffer in self.state_dict().items()}, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """The centring saved in a folder, if there is one."""
        return cls(**load_file(folder / FILE)) if (folder / FILE).exists() else None
