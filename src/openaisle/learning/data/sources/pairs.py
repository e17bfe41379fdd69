"""Pairs of a query and what answers it: a product of the catalogue, or a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from openaisle.errors import DataError
from openaisle.learning.data.rows import Row, read_rows
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.examples import Triplet


def from_pairs(path: Path, shelf: Shelf, columns: Mapping[str, str] | None = None) -> Iterator[Triplet]:
    """One example a row of `query` and `product_id` (or `document`, a text of its own). Raises `DataError`.

    Rows whose product the shop does not have are passed over.
    """
    rows = list(read_rows(path, ("query",), ("product_id", "document"), columns))
    if rows and not rows[0].values.keys() & {"product_id", "document"}:
        raise DataError(
            f"{path}, line {rows[0].line}: neither a product_id nor a document.",
            'Name the column of product ids: columns = { product_id = "…" } under [data].',
        )
    texts = shelf.texts(id_ for row in rows if (id_ := row.text("product_id")))
    for row in rows:
        positive = _answer(row, texts)
        if positive:
            yield Triplet(row.needed("query"), positive)


def _answer(row: Row, texts: Mapping[str, str]) -> str:
    id_ = row.text("product_id")
    if id_:
        return texts.get(id_, "")
    return row.needed("document" if "document" in row.values else "product_id")
