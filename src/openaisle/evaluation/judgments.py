"""Judgments: which products answer which query, and how well. Read from TSV or TREC qrels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from openaisle.errors import JudgmentsError
from openaisle.evaluation.lines import numbered_lines

Gains = Mapping[str, float]
"""Product id → gain; a product that is missing counts 0."""

_COLUMNS = ("query", "product_id", "gain")
_MEND_TSV = "Give a tab-separated file with the header query, product_id, gain, or TREC qrels (qid 0 docid gain)."


@dataclass(frozen=True, slots=True)
class Judgments:
    """`gains` by query text, in file order; `identifiers` are the queries' ids (TREC), or numbers from 1."""

    gains: Mapping[str, Gains]
    identifiers: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.gains)

    @property
    def answerable(self) -> tuple[str, ...]:
        """Queries with at least one gain above 0: all that a metric can tell something about."""
        return tuple(query for query, gains in self.gains.items() if any(gain > 0 for gain in gains.values()))


def read_judgments(path: Path, topics: Path | None = None) -> Judgments:
    """Judgments in whichever of the two formats the file is; raises `JudgmentsError` naming the line.

    TSV: header `query  product_id  gain`, gzip allowed. TREC qrels: `qid 0 docid gain`, with `topics` a file of
    `qid<TAB>query`; without it the qid is taken as the query itself.
    """
    lines = numbered_lines(path, JudgmentsError)
    first = next(lines, None)
    if first is None:
        raise JudgmentsError(f"{path} is empty.", _MEND_TSV)
    if "\t" in first[1] and set(_COLUMNS) <= set(_fields(first[1])):
        return _collect(path, _tsv_rows(path, _fields(first[1]), lines))
    if len(first[1].split()) != 4:
        raise JudgmentsError(f"{path}, line {first[0]}: neither a judgments header nor TREC qrels.", _MEND_TSV)
    return _collect(path, _qrels_rows(path, chain([first], lines), _topic_of(topics)))


Row = tuple[int, str, str, str, str]
"""Line number, query id (may be empty), query, product id, gain as written."""


def _fields(line: str) -> list[str]:
    return [field.strip() for field in line.split("\t")]


def _tsv_rows(path: Path, header: list[str], lines: Iterator[tuple[int, str]]) -> Iterator[Row]:
    query, product, gain = (header.index(column) for column in _COLUMNS)
    for number, line in lines:
        fields = _fields(line)
        if len(fields) != len(header):
            raise JudgmentsError(
                f"{path}, line {number}: {len(fields)} fields, the header has {len(header)}.", _MEND_TSV
            )
        yield number, "", fields[query], fields[product], fields[gain]


def _qrels_rows(path: Path, lines: Iterable[tuple[int, str]], topic: Callable[[str], str]) -> Iterator[Row]:
    for number, line in lines:
        fields = line.split()
        if len(fields) != 4:
            raise JudgmentsError(f"{path}, line {number}: {len(fields)} fields, TREC qrels have 4.", _MEND_TSV)
        yield number, fields[0], topic(fields[0]), fields[2], fields[3]


def _topic_of(topics: Path | None) -> Callable[[str], str]:
    if topics is None:
        return str
    queries = read_topics(topics)

    def topic(identifier: str) -> str:
        if identifier not in queries:
            raise JudgmentsError(f"Query {identifier!r} has no line in {topics}.", "Add it as qid<TAB>query.")
        return queries[identifier]

    return topic


def read_topics(path: Path) -> dict[str, str]:
    """Query id → query, from lines of `qid<TAB>query`."""
    queries: dict[str, str] = {}
    for number, line in numbered_lines(path, JudgmentsError):
        identifier, tab, query = line.partition("\t")
        if not tab or not query.strip():
            raise JudgmentsError(f"{path}, line {number}: no tab or no query.", "Write each line as qid<TAB>query.")
        queries[identifier.strip()] = query.strip()
    return queries


def _collect(path: Path, rows: Iterable[Row]) -> Judgments:
    gains: dict[str, dict[str, float]] = {}
    identifiers: dict[str, str] = {}
    for number, identifier, query, product, written in rows:
        if not query or not product:
            raise JudgmentsError(
                f"{path}, line {number}: the query or product id is empty.", "Fill it or drop the line."
            )
        judged = gains.setdefault(query, {})
        gain = _gain(path, number, written)
        if judged.setdefault(product, gain) != gain:
            raise JudgmentsError(
                f"{path}, line {number}: {product!r} is judged twice for {query!r}, {judged[product]:g} and {gain:g}.",
                "Keep one of the two lines.",
            )
        identifiers.setdefault(query, identifier or str(len(gains)))
    if not gains:
        raise JudgmentsError(f"{path} holds no judgments.", _MEND_TSV)
    return Judgments(gains, identifiers)


def _gain(path: Path, number: int, written: str) -> float:
    try:
        gain = float(written)
    except ValueError:
        gain = math.nan
    if not math.isfinite(gain):
        raise JudgmentsError(f"{path}, line {number}: the gain {written!r} is not a number.", "Write it as 0, 1, 2.5 …")
    return gain
