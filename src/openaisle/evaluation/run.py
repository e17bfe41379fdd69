"""A run: what was found for each query, ranked, with scores. Saved so that a later run can be compared with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import orjson

from openaisle.errors import RunError
from openaisle.evaluation.lines import numbered_lines

Hit = tuple[str, float]
"""Product id and score."""

_FORMAT = "openaisle-run/1"
_LARGEST_FILE = 2 * 1024**3
_MEND = "Give a file that `openaisle eval --save` wrote, or a TREC run (qid Q0 docid rank score tag)."


@dataclass(frozen=True, slots=True)
class Run:
    """`rankings` by query, best first, each product once."""

    name: str
    rankings: Mapping[str, tuple[Hit, ...]]

    @classmethod
    def of(cls, name: str, hits: Mapping[str, Sequence[Hit]]) -> Self:
        """A run from hits best first; a product told twice keeps its first place."""
        return cls(name, {query: _distinct(found) for query, found in hits.items()})

    def ranked(self, query: str) -> list[str]:
        """Product ids, best first; none if the query was not asked."""
        return [product for product, _ in self.rankings.get(query, ())]

    def save(self, path: Path) -> None:
        path.write_bytes(orjson.dumps({"format": _FORMAT, "name": self.name, "rankings": self.rankings}))

    def save_trec(self, path: Path, identifiers: Mapping[str, str]) -> None:
        """Lines of `qid Q0 docid rank score tag`; `identifiers` are the queries' ids (of `Judgments`)."""
        tag = "-".join(self.name.split()) or "run"
        lines = [
            f"{_field(identifiers[query])} Q0 {_field(product)} {rank} {score!r} {tag}\n"
            for query, hits in self.rankings.items()
            for rank, (product, score) in enumerate(hits, start=1)
        ]
        path.write_text("".join(lines), encoding="utf-8")


def read_run(path: Path, identifiers: Mapping[str, str]) -> Run:
    """A saved run in either format; `identifiers` (query → qid) turn a TREC run's ids back into queries."""
    try:
        with path.open("rb") as stream:
            is_json = stream.read(1) == b"{"
    except OSError as error:
        raise RunError(f"{path}: {error}.", "Check that the file exists and is readable.") from error
    return _read_json(path) if is_json else _read_trec(path, identifiers)


def _distinct(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    first: dict[str, float] = {}
    for product, score in hits:
        first.setdefault(product, score)
    return tuple(first.items())


def _field(text: str) -> str:
    if not text or text.split() != [text]:
        raise RunError(f"The id {text!r} is empty or holds blanks.", "TREC runs cannot hold it; save as JSON.")
    return text


def _read_json(path: Path) -> Run:
    if path.stat().st_size > _LARGEST_FILE:
        raise RunError(f"{path} is larger than 2 GiB.", _MEND)
    try:
        saved = orjson.loads(path.read_bytes())
        if saved["format"] != _FORMAT:
            raise RunError(f"{path} has the format {saved['format']!r}, not {_FORMAT!r}.", _MEND)
        hits = {str(query): [(str(i), float(s)) for i, s in found] for query, found in saved["rankings"].items()}
        return Run.of(str(saved["name"]), hits)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError(f"{path} is not a saved run ({error}).", _MEND) from error


def _read_trec(path: Path, identifiers: Mapping[str, str]) -> Run:
    queries = {identifier: query for query, identifier in identifiers.items()}
    hits: dict[str, list[Hit]] = {}
    tag = path.stem
    for number, line in numbered_lines(path, RunError):
        fields = line.split()
        score = _score(fields[4]) if len(fields) == 6 else None
        if score is None:
            raise RunError(f"{path}, line {number}: not `qid Q0 docid rank score tag`.", _MEND)
        tag = fields[5]
        hits.setdefault(queries.get(fields[0], fields[0]), []).append((fields[2], score))
    # As trec_eval does, the score decides, not the rank column; ties keep the file's order.
    return Run.of(tag, {query: sorted(found, key=lambda hit: -hit[1]) for query, found in hits.items()})


def _score(written: str) -> float | None:
    try:
        score = float(written)
    except ValueError:
        return None
    return score if math.isfinite(score) else None
