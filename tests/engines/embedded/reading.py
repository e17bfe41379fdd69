"""A process that reads an index until it is stopped: `python reading.py FOLDER SECONDS`.

Prints how many answers it got and how many different commits it saw; ends with status 1 at the first torn answer.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from writing import DIMENSIONS, expected, open_index

from openaisle.engines.filters.parser import parse
from openaisle.engines.protocol import DenseQuery, LexicalQuery, Snapshot, TermGroup, ValueFacet

_ALL = LexicalQuery((TermGroup((("all", 1.0),)),), 1.0)
_NEAR = DenseQuery(np.ones(DIMENSIONS, np.float32) / 2, 100)


def answered(snapshot: Snapshot) -> int:
    """The commit that every part of the answer agrees on."""
    found = snapshot.retrieve(_ALL, _NEAR, parse("commit >= 0"))
    commits = set(snapshot.numbers(found.lexical, "commit"))
    assert len(commits) == 1, f"documents of several commits: {commits}"
    commit = int(commits.pop())
    right = expected(commit)
    assert sorted(snapshot.ids(found.lexical)) == sorted(right), "words found other documents"
    assert sorted(snapshot.ids(found.dense)) == sorted(right), "vectors found other documents"
    assert snapshot.facets(found.lexical, None, [ValueFacet("brand")]) == [{f"b{commit}": len(right)}]
    assert snapshot.documents == len(right)
    return commit


def read(folder: Path, seconds: float) -> None:
    engine, seen, answers = open_index(folder), set(), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        seen.add(answered(engine.snapshot()))
        answers += 1
    print(answers, len(seen), flush=True)


if __name__ == "__main__":
    read(Path(sys.argv[1]), float(sys.argv[2]))
