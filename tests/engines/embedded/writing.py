"""A process that writes to an index until it is stopped: `python writing.py FOLDER FIRST_COMMIT`.

Commit n replaces every document with one that says n, adds one more, and deletes one, so that whoever reads can tell a
torn answer; it prints n once the commit is acknowledged.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import numpy as np

from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.engines.embedded.postings import FieldWeight
from openaisle.engines.protocol import BuiltWith, Document

STANDING = 12
DIMENSIONS = 4
BUILT = BuiltWith("1", "s", "e")


def open_index(folder: Path) -> EmbeddedEngine:
    return EmbeddedEngine(folder, {"title": FieldWeight(1.0)})


def stated(id: str, commit: int) -> Document:
    vector = np.ones(DIMENSIONS, np.float32) / 2
    return Document(id, id, {"title": ["all", f"c{commit}"]}, {"commit": float(commit), "brand": f"b{commit}"}, vector)


def expected(commit: int) -> set[str]:
    """The ids that must be there after commit n: the standing ones, and the one that it added."""
    return {*(f"s{number}" for number in range(STANDING)), f"added{commit}"}


def write(folder: Path, first: int) -> None:
    engine = open_index(folder)
    for commit in count(first):
        with engine.rebuild(BUILT, DIMENSIONS) if commit % 10 == 0 else engine.writer() as writer:
            if commit % 10 != 0:
                writer.delete(f"added{commit - 1}")
            for id in sorted(expected(commit)):
                writer.upsert(stated(id, commit))
            writer.commit(commit)
        print(commit, flush=True)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
