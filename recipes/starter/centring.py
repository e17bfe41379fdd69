"""Language centring: take from each vector the mean of its language, so that a text's language no longer tells.

Vectors of e5 sit in a narrow cone, and those of one language in a cone of their own; between languages the offset of
the cones outweighs what the texts say. The centres are means over parallel names of goods, so that they differ by
language and by nothing else. Run by hand, `python recipes/starter/centring.py` writes centres.json anew from the names
of goods in the sample store, which the project wrote itself in both languages.
"""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CENTRES = Path(__file__).with_name("centres.json")
DEPARTMENTS = Path(__file__).parents[2] / "src" / "openaisle" / "sample" / "departments"
PREFIX = "query: "
_PREFIX_PIECES = {"▁que", "ry", "▁passage"}


@dataclass(frozen=True, slots=True)
class Centres:
    """Mean unit vectors, float32 (hidden,)."""

    english: NDArray[np.float32]
    chinese: NDArray[np.float32]


def scripts(pieces: Sequence[str]) -> NDArray[np.uint8]:
    """For each piece whether it is Han and whether it is Latin: 0 or 1, (pieces, 2). Prefixes and <s> are neither."""
    return np.array([(_has(piece, "\u3400", "\u9fff"), _has(piece.lower(), "a", "z")) for piece in pieces], np.uint8)


def _has(piece: str, first: str, last: str) -> bool:
    neither = piece in _PREFIX_PIECES or piece.startswith("<")
    return not neither and any(first <= letter <= last for letter in piece)


def apply(centres: Centres, vectors: NDArray[np.float32], scripts_of_texts: NDArray[np.int64]) -> NDArray[np.float32]:
    """What the graph does, in NumPy; `scripts_of_texts`: Han and Latin pieces of each text, (texts, 2)."""
    share = scripts_of_texts[:, :1] / np.maximum(scripts_of_texts.sum(axis=1, keepdims=True), 1)
    moved = vectors - (centres.english + share * (centres.chinese - centres.english))
    result: NDArray[np.float32] = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return result


def read() -> Centres:
    values = json.loads(CENTRES.read_text(encoding="utf-8"))
    return Centres(np.array(values["en"], np.float32), np.array(values["zh"], np.float32))


def parallel_names() -> dict[str, list[str]]:
    """The names of the sample store's kinds of goods, in the same order in both languages."""
    kinds = [kind for path in sorted(DEPARTMENTS.glob("*.toml")) for kind in tomllib.loads(path.read_text())["kind"]]
    return {"en": [kind["name"][0] for kind in kinds], "zh": [kind["name"][1] for kind in kinds]}


def main() -> None:
    import build
    from running import Runner

    with tempfile.TemporaryDirectory() as folder:
        build.write_uncentred(Path(folder))
        runner = Runner(Path(folder, "model.onnx"), Path(folder, "tokenizer.json"))
        names = parallel_names()
        means = {language: runner.vectors(PREFIX, texts).mean(axis=0) for language, texts in names.items()}
    # five decimals are far finer than the vectors' own error, and the same on every processor
    rounded = {language: [round(float(value), 5) for value in mean] for language, mean in means.items()}
    CENTRES.write_text(json.dumps(rounded) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
