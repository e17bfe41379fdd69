"""Texts with labels: one each for classification, any number for multi-label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openaisle.learning.data.rows import Row, read_rows
from openaisle.learning.examples import Labelled

SEPARATOR = "|"
"""Between several labels in one cell of CSV and TSV."""
_MEND = "Write it as text, or a list of texts."


def from_labelled(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Labelled]:
    """One example a row of `text` and `label`. Raises `DataError` naming the line."""
    for row in read_rows(path, ("text", "label"), (), columns):
        label = row.values["label"]
        if isinstance(label, list):
            if len(label) != 1:
                raise row.fail(f"{len(label)} labels, where one is expected", 'Set task = "multilabel", or keep one.')
            label = label[0]
        yield Labelled(row.text("text"), (_label(row, label),))


def from_multilabelled(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Labelled]:
    """One example a row of `text` and `label`, a list in JSON, else separated by `|`; a text may have no label."""
    for row in read_rows(path, ("text", "label"), (), columns):
        stated = row.values["label"]
        several = stated if isinstance(stated, list) else [] if stated is None else str(stated).split(SEPARATOR)
        labels = [_label(row, label) for label in several if label is not None and str(label).strip()]
        yield Labelled(row.text("text"), tuple(dict.fromkeys(labels)))


def _label(row: Row, stated: Any) -> str:
    if stated is None or isinstance(stated, (dict, list)):
        raise row.fail("the label is not a text", _MEND)
    label = str(stated).strip()
    if not label:
        raise row.fail("the label is empty", "Fill it or drop the line.")
    return label
