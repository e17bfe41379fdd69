"""Parquet files, a record batch at a time (extra `parquet`)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, Any

from openaisle.catalog.feeds.rows import Row, Rows
from openaisle.catalog.feeds.stream import FeedStream
from openaisle.catalog.feeds.variants import expanded
from openaisle.errors import FeedError, MissingExtra

_BATCH = 500


def read_parquet(stream: FeedStream) -> Rows:
    """Rows by column name. Raises `MissingExtra` without pyarrow and `FeedError` for a file that is no Parquet."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtra("Parquet feeds need pyarrow.", "Install it with: pip install 'openaisle[parquet]'") from None
    number = 0
    stream.advance(0)
    with _seekable(stream) as file:
        try:
            parquet = pq.ParquetFile(file)
            for batch in parquet.iter_batches(batch_size=_BATCH):
                for values in batch.to_pylist():
                    number += 1
                    for variant in expanded({name: _plain(value) for name, value in values.items()}):
                        yield Row(number, variant)
                stream.advance(number / max(parquet.metadata.num_rows, 1))
        except (pa.ArrowException, OSError) as error:
            told = " ".join(str(error).split())[:200]
            raise FeedError(
                f"The Parquet file cannot be read beyond row {number:,} ({told}).", "Write the file again."
            ) from error


@contextmanager
def _seekable(stream: FeedStream) -> Iterator[IO[bytes]]:
    """The file itself, or an unpacked copy of a gzipped one."""
    with stream.path.open("rb") as file:
        if file.read(4) == b"PAR1":
            yield file
            return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream.reader, copy)
        copy.seek(0)
        yield copy


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list) and value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
        return {str(key): _plain(item) for key, item in value}  # how pyarrow gives a map
    return value
