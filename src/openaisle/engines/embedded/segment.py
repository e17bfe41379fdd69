"""One immutable segment: an inverted index, columns, vectors and ids over the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import corrupt, read_arrays
from openaisle.engines.embedded.columns import Column, Mask, read_columns
from openaisle.engines.embedded.filtering import mask
from openaisle.engines.embedded.postings import Postings
from openaisle.engines.embedded.vectors import Vectors
from openaisle.engines.embedded.vocabulary import Vocabulary
from openaisle.engines.filters.expression import Expression

VOCABULARY, IDS = "vocabulary.trie", "ids.trie"
POSTINGS, ROWS, COLUMNS = "postings.arrays", "rows.arrays", "columns.arrays"


@dataclass(frozen=True, slots=True)
class SegmentState:
    """What a commit says of a segment: its folder, and the files that later commits replace."""

    name: str
    rows: int
    deleted: str | None
    columns: Mapping[str, str]
    """Place per field: a file and the slot in it."""


@dataclass(frozen=True, slots=True)
class SegmentIds:
    """`key`: number of each row's id in the trie; `row`: its inverse; `group`: a 64-bit hash of each row's group."""

    trie: Vocabulary
    key: NDArray[np.int64]
    row: NDArray[np.int64]
    group: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Segment:
    """Reads through memory maps opened at once, so files may be unlinked while it lives; safe for many threads."""

    state: SegmentState
    vocabulary: Vocabulary
    postings: Postings
    identities: SegmentIds
    vectors: Vectors
    columns: Mapping[str, Column]
    alive: Mask | None
    """Rows that are not deleted; None when none is."""
    dead: NDArray[np.int32] | None
    """How many deleted rows contain each term."""

    @classmethod
    def open(cls, generation: Path, state: SegmentState, previous: Segment | None = None) -> Segment:
        """`previous` is the same segment as an earlier commit saw it; what has not changed is shared with it."""
        folder = generation / state.name
        try:
            columns = read_columns(folder, state.columns)
            deletions = {} if state.deleted is None else read_arrays(folder / state.deleted)
            alive = ~deletions["deleted"] if deletions else None
            if previous is not None:
                shared = (previous.vocabulary, previous.postings, previous.identities, previous.vectors)
            else:
                shared = _parts(folder)
            return cls(state, *shared, columns, alive, deletions.get("dead"))
        except (KeyError, TypeError) as error:
            raise corrupt(folder, f"it lacks a part or holds a foreign one ({error})") from error

    @property
    def rows(self) -> int:
        return self.state.rows

    @property
    def living(self) -> int:
        """Number of rows that are not deleted."""
        return self.rows if self.alive is None else int(np.count_nonzero(self.alive))

    def ids(self, rows: NDArray[np.integer]) -> list[str]:
        return [self.identities.trie.term(int(key)) for key in self.identities.key[rows]]

    def row(self, id: str) -> int:
        """The row of an id; -1 when it is not here or deleted."""
        key = self.identities.trie.number(id)
        if key < 0:
            return -1
        row = int(self.identities.row[key])
        return row if self.alive is None or self.alive[row] else -1

    def frequency(self, term: str) -> int:
        """How many rows that are not deleted contain the term."""
        number = self.vocabulary.number(term)
        if number < 0:
            return 0
        held = int(self.postings.frequencies[number])
        return held if self.dead is None else held - int(self.dead[number])

    def allowed(self, filter: Expression | None) -> Mask | None:
        """Rows that are alive and pass the filter; None when all do."""
        if filter is None:
            return self.alive
        passing = mask(filter, self.columns, self.rows)
        return passing if self.alive is None else passing & self.alive


def _parts(folder: Path) -> tuple[Vocabulary, Postings, SegmentIds, Vectors]:
    """What never changes in a segment."""
    return (
        Vocabulary.open(folder / VOCABULARY),
        Postings(**read_arrays(folder / POSTINGS)),
        SegmentIds(Vocabulary.open(folder / IDS), **read_arrays(folder / ROWS)),
        Vectors.open(folder),
    )
