"""Make the untrimmed float32 model that the starter is measured against: python recipes/starter/yardstick.py FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

import graph
import onnx
import source
import tokens


def write(folder: Path) -> None:
    """model.onnx (470 MB) and tokenizer.json with all 250,002 pieces."""
    weights = source.installed()
    table = weights.matrix("emb.word", weights.shape.hidden)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(graph.encoder(weights, table, graph.Floats(), graph.AsPublished()), folder / "model.onnx")
    tokens.tokenizer(weights.vocabulary).save(str(folder / "tokenizer.json"), pretty=False)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
