"""What an engine is to the rest of the house: documents in, ranked candidates, totals and facets out.

Texts reach an engine already analysed and vectors already encoded, so that every engine finds by the same terms and the
same vectors. Scores an engine returns are raw (BM25, cosine); fusing them is the search room's business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Literal, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.filters.expression import Expression

Value = str | float | bool | tuple[str, ...]
Rows = NDArray[np.int32]
Scores = NDArray[np.float32]
VectorNumbers = Literal["float32", "int8", "binary"]

WRITTEN = "~"
"""Begins a term that is a word as it was written, not as it was analysed. Such terms are never scored; queries are
completed and corrected by them."""


@dataclass(frozen=True, slots=True)
class Document:
    """One product as an engine sees it.

    `terms` holds the analysed terms per searchable field, in text order. `values` holds what can be filtered, counted
    and sorted by. `vector` is a unit vector or None (then it is not found by meaning).
    """

    id: str
    group: str
    terms: Mapping[str, Sequence[str]]
    values: Mapping[str, Value]
    vector: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class TermGroup:
    """One information need of the query: alternative terms with their weights (a word, its corrections, a prefix).

    A document scores the best of the alternatives it contains.
    """

    alternatives: tuple[tuple[str, float], ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """Terms to find. A document matches when the terms it contains carry at least `coverage` of the query's
    information (sum of inverse document frequencies of the terms that the index knows)."""

    groups: tuple[TermGroup, ...]
    coverage: float


@dataclass(frozen=True, slots=True)
class DenseQuery:
    """The nearest `limit` documents to a unit vector."""

    vector: NDArray[np.float32]
    limit: int


class Direction(StrEnum):
    ASC = "asc"
    DESC = "desc"


@dataclass(frozen=True, slots=True)
class Sort:
    field: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class ValueFacet:
    """Counts per value, most frequent first, `size` values at most."""

    field: str
    size: int = 100


@dataclass(frozen=True, slots=True)
class RangeFacet:
    """Counts per half-open range `[bounds[i], bounds[i + 1])` of a numeric field."""

    field: str
    bounds: tuple[float, ...]


Facet = ValueFacet | RangeFacet


@dataclass(frozen=True, slots=True)
class Candidates:
    """What `retrieve` found, in one snapshot of the index.

    `lexical` are the rows of all lexical matches, ascending, with their BM25 scores. `dense` are the nearest rows with
    their cosines, best first. Rows are numbers of this snapshot; ask the snapshot for ids, groups and columns.
    """

    lexical: Rows
    lexical_scores: Scores
    dense: Rows
    dense_scores: Scores
    ceiling: float
    """A lexical score that no document can reach: all of the query's information, fully said."""
    coverage: float
    """Share of the query's information that the best lexical match carries, unknown terms included (0 to 1)."""


@dataclass(frozen=True, slots=True)
class TermContribution:
    """What one term adds to a document's lexical score."""

    term: str
    score: float


@runtime_checkable
class Snapshot(Protocol):
    """One consistent, immutable view of an index; it never changes under its reader."""

    @property
    def documents(self) -> int: ...

    @property
    def fields(self) -> Mapping[str, str]:
        """Filterable fields and their kinds (`number`, `boolean`, `keyword`)."""
        ...

    def has_numbers(self, field: str) -> bool:
        """Whether the field holds numbers, or texts of which at least one reads as a number."""
        ...

    def frequency(self, term: str) -> int:
        """How many documents contain the term."""
        ...

    def completions(self, prefix: str, limit: int) -> list[str]:
        """Written words that begin with `prefix`, most frequent first."""
        ...

    def corrections(self, word: str, distance: int, limit: int) -> list[str]:
        """Written words of Latin letters within an edit distance of `word` (transpositions count one), nearest and most
        frequent first."""
        ...

    def retrieve(
        self, lexical: LexicalQuery | None, dense: DenseQuery | None, filter: Expression | None
    ) -> Candidates: ...

    def browse(self, filter: Expression | None) -> Rows:
        """All rows that pass the filter, in catalogue order."""
        ...

    def facets(self, rows: Rows, groups: Rows | None, facets: Sequence[Facet]) -> list[dict[str, int]]:
        """Exact counts over the given rows: of distinct groups where the rows' groups are given, else of rows."""
        ...

    def passing(self, rows: Rows, filter: Expression) -> NDArray[np.bool_]:
        """Which of the rows pass a filter."""
        ...

    def sort(self, rows: Rows, sort: Sort) -> NDArray[np.intp]:
        """Positions of the rows in the order of a field's value; those without one come last; ties keep their order."""
        ...

    def cosines(self, rows: Rows, vector: NDArray[np.float32]) -> Scores:
        """Exact cosine of each row's vector; NaN where a row has none."""
        ...

    def vectors(self, rows: Rows) -> NDArray[np.float32]:
        """Each row's vector, `(len(rows), dimensions)`; NaN where a row has none, no columns where no row has."""
        ...

    def lexical_scores(self, rows: Rows, lexical: LexicalQuery) -> Scores: ...

    def explain(self, row: int, lexical: LexicalQuery) -> list[TermContribution]: ...

    def ids(self, rows: Rows) -> list[str]: ...

    def find(self, ids: Sequence[str]) -> Rows:
        """Rows of the given ids; unknown ids are left out."""
        ...

    @property
    def grouped(self) -> bool:
        """Whether any two documents are variants of one group."""
        ...

    def groups(self, rows: Rows) -> Rows:
        """A number per row that variants of one group share."""
        ...

    def numbers(self, rows: Rows, field: str) -> NDArray[np.float64]:
        """A numeric field's values; NaN where a row has none."""
        ...


@runtime_checkable
class Writer(Protocol):
    """The one writer of an index. Nothing is seen by readers, and nothing survives, before `commit`."""

    def upsert(self, document: Document) -> None: ...

    def patch(self, id: str, values: Mapping[str, Value | None]) -> bool:
        """Change filterable values without touching text or vector; None removes one. False for an unknown id."""
        ...

    def delete(self, id: str) -> bool: ...

    def commit(self, sequence: int) -> None:
        """Make everything since the last commit visible at once; `sequence` is the catalogue change it includes."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class BuiltWith:
    """What an index was built with; opening it with anything else is an error that says what to run.

    `analysis` and `schema` are versions, `encoder` names the model and its digest (empty: no vectors). `lexicon` are
    the catalogue's own words that segmented its texts, and must segment queries. `setting` is what the settings called
    the encoder (empty where not known), so that whoever meets the index can open that model.
    """

    analysis: str
    schema: str
    encoder: str
    lexicon: tuple[str, ...] = ()
    setting: str = ""

    def differences(self, other: BuiltWith) -> list[str]:
        """In what the two differ, aside from the lexicon, which belongs to the index, and the encoder's setting."""
        return [name for name in ("analysis", "schema", "encoder") if getattr(self, name) != getattr(other, name)]


@runtime_checkable
class Engine(Protocol):
    """A place where products are found."""

    @property
    def built_with(self) -> BuiltWith: ...

    @property
    def sequence(self) -> int:
        """The last catalogue change that the live index includes."""
        ...

    @property
    def generation(self) -> str: ...

    def exists(self) -> bool:
        """Whether any generation was ever made live."""
        ...

    def snapshot(self) -> Snapshot:
        """The live view; cheap to ask for on every query."""
        ...

    def writer(self, patience: float = 0.0) -> Writer:
        """A writer that continues the live index. Raises `ShopLocked` when another process still writes after
        `patience` seconds."""
        ...

    def rebuild(
        self, built_with: BuiltWith, dimensions: int, patience: float = 0.0, numbers: VectorNumbers = "float32"
    ) -> Writer:
        """A writer into a new, empty generation that its first commit makes live, in one step, for all readers.

        Vectors are kept in `numbers`: `float32` as exactly as scores need, `int8` in a byte a dimension, `binary` in a
        bit, found by Hamming distance and scored with the query's full vector.
        """
        ...
