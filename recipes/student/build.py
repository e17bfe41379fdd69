"""The shipped files from what was trained: `python recipes/student/build.py LAYERS BAG TITLES.jsonl [--out FOLDER]`.

Joins the six layers and the table of pieces into one model, writes layers in int8 and both tables in blocks of four
bits, checks the graph against the weights, and writes starter/src/openaisle_starter/data.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openaisle.learning.backbones.centring import Centring
from openaisle.learning.backbones.joining import Joining
from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.compression.folder import Facts
from openaisle.learning.heads import load_head
from openaisle.models.protocol import CosineRange

VERSION = "2.0.0"
MAX_TOKENS = 512
DATA = Path(__file__).parents[2] / "starter" / "src" / "openaisle_starter" / "data"
COSINES = CosineRange(unrelated=0.25, related=0.5, translated=0.15)
LINEAGE = [
    "intfloat/multilingual-e5-small (MIT): six of its layers, its table of pieces; the teacher within a language",
    "USE multilingual v3 (Apache-2.0): the teacher across languages",
    "recipes/student of OpenAisle: distilled on CC-CEDICT (CC BY-SA 4.0), the sample store and titles made of them",
]
_FIT_ON = 40_000
_AT_A_TIME = 256


@dataclass(frozen=True, slots=True)
class Shape:
    """`share`: how much the table's view weighs beside the layers'; `columns`: numbers a piece has in the table."""

    share: float = 0.6
    columns: int = 128


def joined(head: Any, bag: Any, texts: Sequence[str], shape: Shape) -> Joining:
    """The layers' finish, extended by the bag's table; both projections are fitted on `texts`."""
    table = bag.module.backbone.table.weight.detach()
    table = table @ principal(bag.encode(texts, "query"), shape.columns)
    centring = head.module.finish
    assert isinstance(centring, Centring)
    whole = torch.eye(len(centring.english) + shape.columns)
    views = _views(head, Joining(centring, table, whole), texts)
    scales = torch.ones(views.shape[1])
    scales[len(centring.english) :] = shape.share
    axes = principal(views * scales.numpy(), len(centring.english))
    return Joining(centring, table, scales[:, None] * axes)


def principal(vectors: NDArray[np.float32], count: int) -> Tensor:
    """The axes along which vectors are longest, float32 (width, count); not centred, since cosines are to stay."""
    moments = vectors.astype(np.float64).T @ vectors.astype(np.float64)
    axes = np.linalg.eigh(moments)[1][:, ::-1][:, :count]
    return torch.from_numpy(np.ascontiguousarray(axes, np.float32))


def _views(head: Any, joining: Joining, texts: Sequence[str]) -> NDArray[np.float32]:
    """Both views of each text side by side, not yet projected."""
    own = head.encode(texts, "query")
    ids = [head.tokenizer(text, truncation=True, max_length=MAX_TOKENS)["input_ids"] for text in texts]
    rows = [joining.of_pieces(torch.tensor([row]), torch.ones(1, len(row)))[0].numpy() for row in ids]
    return np.hstack([own, np.stack(rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layers", type=Path, help="the folder of the version trained by layers.toml")
    parser.add_argument("bag", type=Path, help="the folder of the version trained by bag.toml")
    parser.add_argument("titles", type=Path, help="what singles.py put together")
    parser.add_argument("--out", type=Path, default=DATA)
    parser.add_argument("--share", type=float, default=Shape().share)
    given = parser.parse_args()
    with given.titles.open(encoding="utf-8") as file:
        texts = [json.loads(line)["en"] for _, line in zip(range(_FIT_ON), file, strict=False)]
    head, bag = load_head(given.layers / "weights"), load_head(given.bag / "weights")
    head.module.finish = joined(head, bag, texts, Shape(given.share))
    more = {"languages": ["zh", "en"], "licence": "MIT", "lineage": LINEAGE, "pieces": len(head.tokenizer)}
    facts = Facts("openaisle-starter", VERSION, cosines=COSINES, more=more)
    report = export(head, given.out, ExportRecipe(quantise="int8"), facts, texts[:2000], embeddings="4bit")
    print(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
