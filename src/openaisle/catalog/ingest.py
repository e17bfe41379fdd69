"""Takes a feed into the catalogue: read, map, check, store, a batch at a time, in bounded memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingOf
from itertools import chain
from pathlib import Path
from typing import Any

from openaisle.catalog.batches import BATCH
from openaisle.catalog.feeds.formats import read_feed
from openaisle.catalog.feeds.rows import BadRow, Row, Rows
from openaisle.catalog.feeds.stream import FeedStream
from openaisle.catalog.fields import parse_id
from openaisle.catalog.mapping import Mapping
from openaisle.catalog.problems import Problem, Unfit
from openaisle.catalog.product import Product
from openaisle.catalog.progress import IngestProgress, IngestResult, WarningLog
from openaisle.catalog.rejects import RejectsWriter
from openaisle.catalog.store import Catalog
from openaisle.catalog.sync import FeedSync
from openaisle.catalog.validation import check
from openaisle.errors import FeedError

_BATCH_BYTES = 8_000_000
_PRICES = ("price", "sale_price")

Batch = list[Row | BadRow]
Progress = Callable[[IngestProgress], None]


def ingest(
    catalog: Catalog,
    path: Path,
    *,
    format: str | None = None,
    mapping: MappingOf[str, str] | None = None,
    currency: str | None = None,
    sync: bool = False,
    guard: float = 0.5,
    dry_run: bool = False,
    encoding: str | None = None,
    rejects_path: Path | None = None,
    progress: Progress | None = None,
) -> IngestResult:
    """Bring the products of the feed at `path` into the catalogue.

    `mapping` says column → product field where the guess would be wrong, `currency` is for prices that state none.
    With `sync` products that the feed does not have retire, unless fewer than `guard` (0 to 1) of them would stay, or a
    row could not be read at all (a warning then says that nothing was retired). A
    `dry_run` reads and checks everything and writes nothing to the store. Every batch is committed before `progress`
    hears of it.

    Raises `FeedError` when the feed as a whole cannot be read, `FeedShrunk`, `SettingsError` for a mapping to unknown
    fields, and `StorageError`; what was committed before stays.
    """
    with FeedStream(path, encoding) as stream:
        name, rows = read_feed(stream, format)
        sample = next(_batches(stream, rows), [])
        if not sample:
            raise FeedError(
                f"The feed {path.name} has no products (read as {name}).", "Check the file, or name --format."
            )
        plan = Mapping.of([row.values for row in sample if isinstance(row, Row)], mapping)
        _require_identity(plan, sample, dry_run)
        with RejectsWriter(rejects_path) as rejects, catalog.begin_sync() as seen:
            intake = _Intake(catalog, plan, rejects, seen, currency=currency, dry_run=dry_run)
            for batch in _batches(stream, chain(sample, rows)):
                intake.take(batch)
                if progress is not None:
                    progress(intake.progress(stream.position, stream.size))
            retired = intake.retire(guard, stream.damage) if sync else 0
            return intake.result(name, retired, stream.damage)


class _Intake:
    """One ingest under way."""

    def __init__(
        self,
        catalog: Catalog,
        plan: Mapping,
        rejects: RejectsWriter,
        seen: FeedSync,
        *,
        currency: str | None,
        dry_run: bool,
    ) -> None:
        self._catalog = catalog
        self._plan = plan
        self._rejects = rejects
        self._seen = seen
        self._currency = currency
        self._dry_run = dry_run
        self._started = time.monotonic()
        self._warnings = WarningLog()
        self._rows = self._accepted = self._unchanged = 0
        self._broke_off: str | None = None
        self._unreadable = 0

    def take(self, batch: Batch) -> None:
        """Check a batch and commit its good rows."""
        good: dict[str, tuple[int, Product, MappingOf[str, Any]]] = {}
        refused: list[str] = []
        for row in batch:
            self._rows += 1
            if isinstance(row, BadRow):
                self._refuse_unreadable(row)
                continue
            record = self._record(row)
            checked = check(record)
            if checked.product is None:
                id_ = _id_of(record)
                refused += [id_] if id_ else []
                self._rejects.write(row.number, id_, checked.problems, row.values)
            elif checked.product.id in good:
                self._refuse_duplicate(row.number, checked.product.id, good[checked.product.id][0], row.values)
            else:
                good[checked.product.id] = (row.number, checked.product, row.values)
                self._warnings.note(row.number, checked.warnings)
        self._seen.keep(refused)
        self._store(good)
        self._rejects.flush()

    def retire(self, guard: float, damage: str | None) -> int:
        """Retire what the feed did not have, if the feed was whole."""
        broken = damage or self._broke_off
        if broken:
            mend = "Get the whole feed and sync again."
            raise FeedError(f"The feed is not whole ({broken}); what was read was taken, nothing was retired.", mend)
        if self._unreadable and (absent := self._seen.absent()):
            self._warnings.note(0, [_kept(absent, self._unreadable)])
            return 0
        return self._seen.absent() if self._dry_run else self._seen.finish(guard)

    def progress(self, bytes_read: int, bytes_total: int) -> IngestProgress:
        seconds = time.monotonic() - self._started
        return IngestProgress(
            self._rows, self._accepted, self._unchanged, self._rejects.count, bytes_read, bytes_total, seconds
        )

    def result(self, format_: str, retired: int, damage: str | None) -> IngestResult:
        if broken := damage or self._broke_off:
            self._warnings.note(0, [Problem("feed", f"it is not whole: {broken}", "Get the whole feed again.")])
        self._warnings.note(0, self._plan.warnings())
        return IngestResult(
            format_,
            self._plan.explain(),
            self._accepted,
            self._unchanged,
            self._rejects.count,
            retired,
            self._rejects.path,
            time.monotonic() - self._started,
            self._warnings.told(),
        )

    def _record(self, row: Row) -> dict[str, Any]:
        record = self._plan.record(row.values)
        if self._currency and "currency" not in record and any(name in record for name in _PRICES):
            record["currency"] = self._currency
        return record

    def _store(self, good: MappingOf[str, tuple[int, Product, MappingOf[str, Any]]]) -> None:
        earlier = self._seen.seen({id_: number for id_, (number, _, _) in good.items()})
        for id_, first in earlier.items():
            self._refuse_duplicate(good[id_][0], id_, first, good[id_][2])
        products = [product for id_, (_, product, _) in good.items() if id_ not in earlier]
        if self._dry_run:
            self._accepted += len(products)
            return
        written = self._catalog.upsert(products)
        self._accepted += written.accepted
        self._unchanged += written.unchanged

    def _refuse_unreadable(self, row: BadRow) -> None:
        if row.ends_feed:
            self._broke_off = row.reason
        self._unreadable += 1
        self._rejects.write(row.number, None, [Problem("", row.reason, row.mend)], row.excerpt)

    def _refuse_duplicate(self, number: int, id_: str, first: int, values: MappingOf[str, Any]) -> None:
        reason = f"row {first:,} has the same id"
        self._rejects.write(number, id_, [Problem("id", reason, "Give every product an id of its own.")], values)


def _batches(stream: FeedStream, rows: Rows | Iterator[Row | BadRow]) -> Iterator[Batch]:
    """Lists of rows, short enough in number and in bytes to be held."""
    batch: Batch = []
    start = stream.consumed
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH or stream.consumed - start > _BATCH_BYTES:
            yield batch
            batch, start = [], stream.consumed
    if batch:
        yield batch


def _require_identity(plan: Mapping, sample: Batch, dry_run: bool) -> None:
    """A feed without a column for id or title would be refused row by row; say so once instead."""
    rows = [row for row in sample if isinstance(row, Row)]
    lacking = [field for field in ("id", "title") if plan.lacks(field)]
    if dry_run or not rows or not lacking:
        return
    columns = ", ".join(dict.fromkeys(str(column) for row in rows[:10] for column in row.values))
    raise FeedError(
        f"No column of the feed looks like the {' or the '.join(lacking)} (columns: {columns[:300]}).",
        f'Name it in openaisle.toml under [mapping], such as "column" = "{lacking[0]}".',
    )


def _kept(absent: int, unreadable: int) -> Problem:
    """A row that cannot be read may be any product, so none is retired for want of a row."""
    rows = "1 row" if unreadable == 1 else f"{unreadable:,} rows"
    reason = f"{absent:,} products have no row and would have been retired, but {rows} could not be read at all"
    return Problem("feed", reason, "Mend the rows named in rejects.jsonl and sync again.")


def _id_of(record: MappingOf[str, Any]) -> str | None:
    try:
        return parse_id(record["id"]) or None
    except (Unfit, KeyError):
        return None
