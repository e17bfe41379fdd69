"""Documents into a new segment folder."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded.arrays import write_arrays
from openaisle.engines.embedded.columns import build_column, write_columns
from openaisle.engines.embedded.postings import FieldWeight, Impacts, from_triples, impacts
from openaisle.engines.embedded.segment import COLUMNS, IDS, POSTINGS, ROWS, VOCABULARY, SegmentState
from openaisle.engines.embedded.stored import code, write_vectors
from openaisle.engines.embedded.vocabulary import Vocabulary
from openaisle.engines.protocol import Document, Rows, Value, VectorNumbers

Averages = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Schema:
    """What every segment of a generation agrees on: searchable fields with their weights, and the vectors' dimensions
    and numbers."""

    fields: Mapping[str, FieldWeight]
    dimensions: int
    numbers: VectorNumbers = "float32"


class SegmentBuilder:
    """Collects documents in memory; a later document replaces an earlier one of the same id."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._documents: dict[str, Document] = {}
        self.terms = 0

    def __len__(self) -> int:
        return len(self._documents)

    def __contains__(self, id: str) -> bool:
        return id in self._documents

    def add(self, document: Document) -> None:
        self._documents[document.id] = document
        self.terms += sum(map(len, document.terms.values()))

    def discard(self, id: str) -> bool:
        return self._documents.pop(id, None) is not None

    def patch(self, id: str, values: Mapping[str, Value | None]) -> None:
        document = self._documents[id]
        merged = {field: value for field, value in {**document.values, **values}.items() if value is not None}
        self._documents[id] = Document(document.id, document.group, document.terms, merged, document.vector)

    def averages(self) -> dict[str, float]:
        """Mean number of terms per field."""
        count = max(len(self._documents), 1)
        return {
            field: sum(len(document.terms.get(field, ())) for document in self._documents.values()) / count
            for field in self._schema.fields
        }

    def write(self, folder: Path, name: str, averages: Averages) -> SegmentState:
        """Write the segment `folder/name`."""
        target = folder / name
        target.mkdir(parents=True)
        documents = list(self._documents.values())
        self._write_postings(target, documents, averages)
        write_rows(target, [d.id for d in documents], np.array([group_hash(d.group) for d in documents], np.int64))
        self._write_vectors(target, documents)
        return SegmentState(name, len(documents), None, _write_columns(target, documents))

    def _write_postings(self, target: Path, documents: list[Document], averages: Averages) -> None:
        number: dict[str, int] = {}
        terms, rows, shares = array("i"), array("i"), array("f")
        for row, document in enumerate(documents):
            for field, weight in self._schema.fields.items():
                words = document.terms.get(field, ())
                if not words:
                    continue
                terms.extend([number.setdefault(word, len(number)) for word in words])
                rows.extend([row] * len(words))
                shares.extend([weight.share(len(words), averages.get(field, 0.0))] * len(words))
        vocabulary = Vocabulary.build(number)
        places = np.array([vocabulary.number(term) for term in number], np.int32)
        unique_terms, unique_rows, impact = _sum_shares(
            places[np.frombuffer(terms, np.int32)], np.frombuffer(rows, np.int32), np.frombuffer(shares, np.float32)
        )
        vocabulary.save(target / VOCABULARY)
        postings = from_triples(unique_terms, unique_rows, impact, len(vocabulary), len(documents))
        write_arrays(target / POSTINGS, postings.arrays())

    def _write_vectors(self, target: Path, documents: list[Document]) -> None:
        vectors = {row: document.vector for row, document in enumerate(documents) if document.vector is not None}
        matrix = np.empty((len(vectors), self._schema.dimensions), np.float32)
        for place, vector in enumerate(vectors.values()):
            matrix[place] = vector
        write_vectors(target, code(matrix, self._schema.numbers), np.array(list(vectors), np.int32))


def write_rows(target: Path, ids: list[str], groups: NDArray[np.int64]) -> None:
    trie = Vocabulary.build(ids)
    key = np.array([trie.number(id) for id in ids], np.int64)
    row = np.empty(len(ids), np.int64)
    row[key] = np.arange(len(ids))
    trie.save(target / IDS)
    write_arrays(target / ROWS, {"key": key, "row": row, "group": groups})


def group_hash(group: str) -> int:
    """64 bits: among a million groups two collide once in thirty million shops."""
    return int.from_bytes(hashlib.blake2b(group.encode(), digest_size=8).digest(), "little", signed=True)


def _write_columns(target: Path, documents: list[Document]) -> dict[str, str]:
    values: dict[str, dict[int, Value]] = {}
    for row, document in enumerate(documents):
        for field, value in document.values.items():
            values.setdefault(field, {})[row] = value
    columns = {field: build_column(values[field], len(documents)) for field in sorted(values)}
    return write_columns(target, COLUMNS, columns)


def _sum_shares(
    terms: NDArray[np.int32], rows: NDArray[np.int32], shares: NDArray[np.float32]
) -> tuple[NDArray[np.int32], Rows, Impacts]:
    """One (term, row, impact) a pair, its fields' and repetitions' shares added up."""
    if len(terms) == 0:
        return terms, rows, np.empty(0, np.uint8)
    order = np.lexsort((rows, terms))
    terms, rows, shares = terms[order], rows[order], shares[order]
    first = np.flatnonzero(np.r_[True, (terms[1:] != terms[:-1]) | (rows[1:] != rows[:-1])])
    return terms[first], rows[first], impacts(np.add.reduceat(shares.astype(np.float64), first))
