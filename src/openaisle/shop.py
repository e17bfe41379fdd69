"""The shop: a folder (or a folder and a database) opened as the one object a user holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Engine as Database

from openaisle import rollout
from openaisle.ads.advertising import Advertising
from openaisle.catalog.changes import Patch, Patched, Upserted
from openaisle.catalog.ingest import ingest
from openaisle.catalog.product import Product
from openaisle.catalog.progress import IngestProgress, IngestResult
from openaisle.catalog.store import Catalog
from openaisle.checkup import Finding, checkup
from openaisle.engines.embedded.engine import EmbeddedEngine
from openaisle.errors import IndexCorrupt, IndexMismatch, ShopExists, ShopLocked, ShopNotFound, StorageError
from openaisle.events.log import EventLog
from openaisle.models.protocol import Encoder
from openaisle.models.registry import Registry
from openaisle.models.registry.history import History
from openaisle.profiles.interests import Vector
from openaisle.profiles.products import ShopProducts
from openaisle.profiles.service import Profiles
from openaisle.recommend.service import RecommendationService, ShopParts
from openaisle.rollout import Switched
from openaisle.search.request import SearchRequest
from openaisle.search.response import SearchResponse
from openaisle.settings import FILE_NAME, Settings, default_toml, load
from openaisle.standing import MODELS, Standing, field_weights
from openaisle.storage import migrate, open_engine
from openaisle.storage.keys import Keys
from openaisle.storage.tasks import Tasks

Tell = Callable[[str, int, int | None], None]
"""Told the stage of long work, how much of it is done and how much there is (None while not known)."""

_Done = TypeVar("_Done")
_Seen = tuple[str, tuple[int, int]]
"""The live generation, and the state of the history of models."""

_WRITE_PATIENCE = 30.0
"""Seconds that a write waits for another process to finish its own."""


@dataclass(frozen=True, slots=True)
class ReindexResult:
    generation: str
    products: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ShopStatus:
    """`pending_changes` is how far the index is behind the catalogue; `encoder` is empty without one."""

    products: int
    generation: str
    encoder: str
    pending_changes: int


class Shop:
    """A shop that is open. Safe for many threads; many processes may read one shop while one writes.

    Every write is acknowledged once the store has it, and searchable when the method returns.
    """

    def __init__(self, folder: Path, settings: Settings, database: Database) -> None:
        self.folder = folder
        self.settings = settings
        self._database = database
        self.catalog = Catalog(database)
        self.events = EventLog(database, self.catalog.existing)
        self.keys = Keys(database)
        self.tasks = Tasks(database)
        self.engine = EmbeddedEngine(folder / "index", field_weights(settings))
        self.profiles = Profiles(database, self.events, ShopProducts(self.engine, self.catalog.get_bodies))
        self._history = History(folder / MODELS)
        self._changing = threading.RLock()
        self._standing: Standing | None = None
        self._seen: _Seen | None = None

    @classmethod
    def create(cls, folder: Path | str, name: str | None = None, encoder: str | None = None) -> Shop:
        """Make a new, empty shop in `folder`, which is created when it is not there; `encoder` is its `[encoder] name`.
        Raises `ShopExists`, and `SettingsError`, `ModelError` or `MissingExtra` where the encoder cannot be had."""
        folder = Path(folder)
        if (folder / FILE_NAME).exists():
            raise ShopExists(f"{folder} is already a shop.", f"Use it as it is, or remove {folder / FILE_NAME}.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stated = default_toml(name or folder.resolve().name or "My shop", encoder)
            (folder / FILE_NAME).write_text(stated, encoding="utf-8")
        except OSError as error:
            _discard(folder / FILE_NAME)
            raise StorageError(
                f"The shop cannot be made in {folder}: {error.strerror}.", "Choose a folder that can be written to."
            ) from error
        try:
            created = cls.open(folder)
            if encoder is not None:
                created._stand()  # an encoder that cannot be had fails here, not in the first search
            return created
        except Exception:
            _discard(folder / FILE_NAME)
            raise

    @classmethod
    def open(cls, folder: Path | str, progress: Tell | None = None) -> Shop:
        """Open the shop in `folder`, finishing what a crash left between store and index.

        Raises `ShopNotFound`, `SettingsError`, `StorageError`.
        """
        folder = Path(folder)
        if not (folder / FILE_NAME).is_file():
            mend = "Name a shop's folder." if folder.is_file() else f"Make one with: openaisle init {folder}"
            raise ShopNotFound(f"{folder} is not a shop.", mend)
        settings = load(folder)
        database = open_engine(settings.store.url or f"sqlite:///{folder / 'shop.db'}")
        migrate(database)
        shop = cls(folder, settings, database)
        shop.settings = rollout.meant(folder, settings, shop.engine)
        rollout.settle_if_free(folder, shop.engine)
        shop._repair(progress or _silent)
        return shop

    def close(self) -> None:
        self.events.close()
        self._database.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Reading

    def search(self, request: SearchRequest) -> SearchResponse:
        """Answer one search. Raises what `SearchPipeline.search` raises, and `IndexMismatch`."""
        return self._in_step(lambda standing: standing.pipeline.search(request))

    def status(self) -> ShopStatus:
        return ShopStatus(
            self.catalog.count(),
            self.engine.generation,
            self.engine.built_with.encoder,
            self._stand().indexer.pending(),
        )

    def doctor(self) -> list[Finding]:
        """Whether settings, store, index, model and disk fit together, and what to do where they do not."""
        return checkup(self)

    # Writing

    def ingest(
        self,
        feed: Path | str,
        *,
        format: str | None = None,
        sync: bool = False,
        dry_run: bool = False,
        encoding: str | None = None,
        progress: Tell | None = None,
    ) -> IngestResult:
        """Take a feed into the catalogue and make it searchable. See `openaisle.catalog.ingest`."""
        tell, started = progress or _silent, time.monotonic()
        if not dry_run:
            self._followed()
        result = ingest(
            self.catalog,
            Path(feed),
            format=format,
            mapping=self.settings.mapping,
            currency=self.settings.shop.currency,
            sync=sync,
            guard=self.settings.ingest.guard,
            dry_run=dry_run,
            encoding=encoding,
            rejects_path=None if dry_run else self.folder / "rejects.jsonl",
            progress=lambda state: tell("storing", state.rows, _expected_rows(state)),
        )
        if not dry_run:
            self.events.promote()
            self._catch_up(tell)
        return replace(result, seconds=round(time.monotonic() - started, 3))

    def upsert(self, products: Iterable[Product]) -> Upserted:
        self._followed()
        ids: list[str] = []
        done = self.catalog.upsert(_noting(products, ids))
        self.events.promote(ids)
        self._catch_up(_silent)
        return done

    def patch(self, patches: Iterable[Patch]) -> Patched:
        self._followed()
        done = self.catalog.patch(patches)
        self._catch_up(_silent)
        return done

    def delete(self, ids: Iterable[str]) -> int:
        self._followed()
        deleted = self.catalog.delete(ids)
        self._catch_up(_silent)
        return deleted

    def erase(self, shopper: str) -> int:
        """Erase what is known of a shopper, events included, for good; returns how many events there were."""
        erased = self.profiles.erase(shopper)
        self.ads.exposures.erase(self.events.pseudonym(shopper))
        return erased

    def reindex(self, encoder: str | None = None, progress: Tell | None = None) -> ReindexResult:
        """Build a new generation of the index beside the live one, then switch. With `encoder`, that model is used
        from now on, also after this process, and `rollback` goes back to the one before."""
        started = time.monotonic()
        if encoder is not None and encoder != self.settings.encoder.name:
            with rollout.changing(self.folder):
                rollout.settle(self.folder, self.engine)
                rollout.switch_encoder(self, encoder, progress or _silent)
        else:
            self._stand().indexer.rebuild(progress or _silent, _WRITE_PATIENCE)
        products = self.engine.snapshot().documents
        return ReindexResult(self.engine.generation, products, round(time.monotonic() - started, 3))

    def promote(self, reference: str, *, force: bool = False, progress: Tell | None = None) -> Switched:
        """Use a model of the shop's registry from now on. See `openaisle.rollout`."""
        return rollout.promote(self, reference, progress or _silent, force=force)

    def rollback(self, progress: Tell | None = None) -> Switched:
        """Undo the last promotion. See `openaisle.rollout`."""
        return rollout.rollback(self, progress or _silent)

    # What the above stands on

    @property
    def registry(self) -> Registry:
        """The shop's own models."""
        return Registry(self.folder / MODELS)

    @cached_property
    def recommendations(self) -> RecommendationService:
        """Products for a shopper, a page or a cart. See `openaisle.recommend`."""
        fields, may_use = self.settings.encoder.fields, self.profiles.may_use
        return RecommendationService(
            ShopParts(self.folder, self.catalog, self.events, lambda: self.encoder, fields, may_use, self._vectors)
        )

    @cached_property
    def ads(self) -> Advertising:
        """Campaigns, their books and reports. See `openaisle.ads`."""
        return Advertising(self._database, self.folder / "ads", self.settings.ads, self.settings.shop.currency)

    @property
    def encoder(self) -> Encoder | None:
        """The model named in the settings; None for `none`, and where the starter is not installed."""
        return self._stand().encoder

    def adopt(self, standing: Standing | None) -> None:
        """Go on with other models; None opens what the settings name now."""
        with self._changing:
            self.settings = standing.settings if standing is not None else load(self.folder)
            self._standing, self._seen = standing, None

    def _stand(self) -> Standing:
        standing = self._standing
        if standing is None:
            with self._changing:
                standing = self._standing or Standing.of(
                    self.folder, self.settings, self.catalog, self.engine, self.profiles, ads=self.ads
                )
                self._standing = standing
        return standing

    def _in_step(self, work: Callable[[Standing], _Done]) -> _Done:
        """Do what stands on one generation of the index, and do it again where another came meanwhile: half of it may
        have been done with the one, and half with the other."""
        while True:
            standing, generation = self._followed()
            try:
                done = work(standing)
            except Exception:
                if self.engine.generation == generation:
                    raise
            else:
                if self.engine.generation == generation:
                    return done

    def _followed(self) -> tuple[Standing, str]:
        """What fits the live generation, and its name; another process may have promoted a model or built the index
        with other settings."""
        while True:
            seen = (self.engine.generation, self._history.stamp())
            standing = self._standing
            if standing is not None and seen == self._seen:
                return standing, seen[0]
            try:
                with self._changing:
                    self._follow(seen[1])
                    self._require_match()
                    standing, self._seen = self._stand(), seen
                return standing, seen[0]
            except IndexMismatch:
                # settings and index were read one after the other, and a change may have come between
                if seen == (self.engine.generation, self._history.stamp()):
                    raise

    def _follow(self, history: tuple[int, int]) -> None:
        settings = self.settings
        if "encoder" in self.differences():
            settings = rollout.followed(self.folder, settings, self.engine)
        if self._seen is not None and history != self._seen[1]:
            settings = replace(settings, reranker=load(self.folder).reranker)
        if settings != self.settings:
            self.settings, self._standing = settings, None

    def differences(self) -> list[str]:
        """In what the live index differs from what the settings would build; an empty index differs in nothing."""
        if not self.engine.exists() or self.engine.snapshot().documents == 0:
            return []
        return self.engine.built_with.differences(self._stand().indexer.wanted())

    def _vectors(self, ids: Sequence[str]) -> Vector | None:
        """From the index, rows of NaN where it has none; None where it was built with other settings or model."""
        if not self.engine.exists() or self.differences():
            return None
        return self.profiles.products.vectors(ids)

    def _require_match(self) -> None:
        differences = self.differences()
        if differences:
            raise IndexMismatch(
                f"The index was built with another {' and '.join(differences)} than the settings ask for "
                f"(encoder then: {self.engine.built_with.encoder or 'none'}).",
                self._how_to_match(),
            )

    def _how_to_match(self) -> str:
        reindex = f"openaisle reindex {self.folder}"
        if self.encoder is None and self.settings.encoder.name == "starter" and self.engine.built_with.encoder:
            return f'Install the starter: pip install "openaisle[starter]"; or do without meaning: {reindex}'
        return f"Run: {reindex}"

    def _catch_up(self, tell: Tell) -> None:
        def catch_up(standing: Standing) -> None:
            if standing.indexer.pending():
                standing.indexer.catch_up(tell, _WRITE_PATIENCE)

        self._in_step(catch_up)

    def _repair(self, tell: Tell) -> None:
        """Bring the index in step at opening, if that can be done: it may be locked, unwritable or need a rebuild."""
        try:
            if not self.engine.exists():
                self._stand().indexer.rebuild(tell)
            elif self.catalog.latest_seq() != self.engine.sequence and not self.differences():
                self._stand().indexer.catch_up(tell)
        except (ShopLocked, IndexCorrupt, IndexMismatch, StorageError):
            # a damaged or older index is told by whatever reads it, and must not keep the shop from being reindexed;
            # on a full or read-only disk the index answers as it is
            pass


def _discard(file: Path) -> None:
    """Half a shop would stand in the way of the next attempt to make it."""
    with suppress(OSError):
        file.unlink()


def _noting(products: Iterable[Product], ids: list[str]) -> Iterator[Product]:
    for product in products:
        ids.append(product.id)
        yield product


def _expected_rows(state: IngestProgress) -> int | None:
    """Rows of the whole feed, judged by the part that was read."""
    return round(state.rows * state.bytes_total / state.bytes_read) if state.bytes_read else None


def _silent(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody listens to."""
