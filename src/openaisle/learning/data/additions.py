"""Labels that came back from annotators, added to the file that a recipe reads."""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from openaisle.errors import DataError, StorageError
from openaisle.evaluation.judgments import read_judgments
from openaisle.learning.data.rows import read_rows

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the labels: new ones, earlier ones that they changed, and all that the file holds now."""

    added: int
    changed: int
    total: int


def add_judgments(path: Path, gains: Mapping[Pair, float]) -> Added:
    """Judgments of (query, product id) into a TSV of query, product_id, gain, which is made where there is none.

    Where both judge a pair, the new gain counts. The file is replaced at once or not at all. Raises `DataError`,
    `JudgmentsError` for a file that cannot be read, `StorageError` for one that cannot be written.
    """
    for (query, product), gain in gains.items():
        if not math.isfinite(gain) or gain < 0:
            raise DataError(f"The gain of {product!r} for {query!r} is {gain}.", "Write 0, 1, 2 …")
    before: dict[Pair, float] = {}
    if path.exists():
        judged = read_judgments(path).gains
        before = {(query, product): gain for query, known in judged.items() for product, gain in known.items()}
    after = before | {(_one_line(query), product): gain for (query, product), gain in gains.items()}
    lines = (f"{query}\t{product}\t{gain:g}\n" for (query, product), gain in after.items())
    _replace(path, "query\tproduct_id\tgain\n" + "".join(lines))
    return _counted(before, after)


def add_labels(path: Path, labels: Mapping[str, str], columns: Mapping[str, str] | None = None) -> Added:
    """Labels of texts into a CSV of text and label, likewise; `columns` are those of the recipe that reads it."""
    before = {
        row.text("text"): row.text("label")
        for row in (read_rows(path, ("text", "label"), (), columns) if path.exists() else ())
    }
    after = before | {_one_line(text): label for text, label in labels.items()}
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    named = columns or {}
    writer.writerow((named.get("text", "text"), named.get("label", "label")))
    writer.writerows(after.items())
    _replace(path, written.getvalue())
    return _counted(before, after)


def _counted(
    before: Mapping[Pair, float] | Mapping[str, str], after: Mapping[Pair, float] | Mapping[str, str]
) -> Added:
    known = dict(before.items())
    changed = sum(known[key] != value for key, value in after.items() if key in known)
    return Added(len(after) - len(known), changed, len(after))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _replace(path: Path, content: str) -> None:
    new = path.with_name(f".{path.name}.new")
    body = content.encode()
    try:
        new.write_bytes(gzip.compress(body, mtime=0) if path.suffix == ".gz" else body)
        new.replace(path)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}.", "Choose a file that can be written."
        ) from error
