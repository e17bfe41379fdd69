"""Events as an Arrow table, for Polars, DuckDB or pandas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from openaisle.errors import MissingExtra
from openaisle.events.batching import batches
from openaisle.events.rows import Row

if TYPE_CHECKING:
    import pyarrow

COLUMNS = (
    "seq, id, kind, time, shopper, session, query_id, query, product_id, position, price, currency, quantity, seconds, "
    "source, placement, campaign, known, mark"
)
_CHUNK = 50_000


def as_table(rows: Iterable[Row]) -> pyarrow.Table:
    """A table of rows with `COLUMNS`; `time` is a timestamp in UTC. Raises `MissingExtra` without PyArrow."""
    if find_spec("pyarrow") is None:
        raise MissingExtra("PyArrow is not installed.", 'Install it with: pip install "openaisle[behaviour]"')
    import pyarrow as pa

    schema = _schema()
    return pa.Table.from_batches(_record_batches(iter(rows), schema), schema)


def _record_batches(rows: Iterator[Row], schema: pyarrow.Schema) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow as pa

    for chunk in batches(rows, _CHUNK):
        columns = [_column(values, field.type) for values, field in zip(zip(*chunk, strict=True), schema, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(values: tuple[Any, ...], kind: pyarrow.DataType) -> pyarrow.Array:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode()
    if pa.types.is_boolean(kind):
        return pa.array(map(bool, values), kind)  # SQLite has 0 and 1
    return pa.array(values, kind)


def _schema() -> pyarrow.Schema:
    import pyarrow as pa

    few = pa.dictionary(pa.int32(), pa.string())
    kinds = {
        "seq": pa.int64(),
        "kind": few,
        "time": pa.timestamp("ms", "UTC"),
        "position": pa.int32(),
        "price": pa.float64(),
        "currency": few,
        "quantity": pa.int32(),
        "seconds": pa.float64(),
        "source": few,
        "placement": few,
        "campaign": few,
        "known": pa.bool_(),
        "mark": few,
    }
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS.split(", ")])
