"""The recommendations of one shop: trained, refreshed and asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from openaisle.catalog.store import Catalog
from openaisle.events.event import Event
from openaisle.events.log import EventLog
from openaisle.events.selection import Selection
from openaisle.models.protocol import Encoder
from openaisle.recommend.encoding import Indexed, nothing_indexed, vectors_of
from openaisle.recommend.ids import Ids
from openaisle.recommend.interactions import WEIGHTS, Interactions, from_events
from openaisle.recommend.learnt import Learnt
from openaisle.recommend.methods.content import Vectors
from openaisle.recommend.past import Past
from openaisle.recommend.pipeline import RecommendPipeline, Sources
from openaisle.recommend.protocol import Recommender
from openaisle.recommend.request import RecommendationRequest
from openaisle.recommend.response import Recommendations
from openaisle.recommend.scores import Values
from openaisle.recommend.shelf import Shelf, empty_shelf
from openaisle.recommend.splits import by_time, moment_leaving
from openaisle.recommend.store import Store
from openaisle.recommend.training import Training, left_out, methods_of

Tell = Callable[[str, int, int | None], None]
"""Told the stage of long work, how much of it is done and how much there is (None while not known)."""

_KINDS = tuple(WEIGHTS)


@dataclass(frozen=True, slots=True)
class Trained:
    """`methods` that were learnt; `blend` tells whether their order was learnt too, or every one has the same say;
    `left_out` is what of `training.HEAVY` was not learnt."""

    generation: str
    products: int
    events: int
    methods: tuple[str, ...]
    blend: bool
    seconds: float
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refreshed:
    """`events` and `products` are how many were new."""

    generation: str
    events: int
    products: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ShopParts:
    """What of a shop recommendations stand on. `encoder` gives the shop's model, or None without one; `fields` are
    those it encodes; `may_use` tells whether what a shopper did may be used for them; `indexed` gives the vectors that
    the search index has of products, so that nothing is encoded twice."""

    folder: Path
    catalog: Catalog
    events: EventLog
    encoder: Callable[[], Encoder | None]
    fields: tuple[str, ...] = ("title",)
    may_use: Callable[[str], bool] = lambda shopper: True
    indexed: Indexed = nothing_indexed


class RecommendationService:
    """Safe for many threads; one process at a time trains or refreshes."""

    def __init__(self, parts: ShopParts) -> None:
        self._parts = parts
        self._store = Store(parts.folder)

    def recommend(self, request: RecommendationRequest) -> Recommendations:
        """Answer one request. Raises what `RecommendPipeline.recommend` raises."""
        return self._pipeline.recommend(request)

    def train(self, tell: Tell, sequential: Recommender | None = None, without: Collection[str] = ()) -> Trained:
        """Learn everything anew and use it from then on; `sequential` trains the method of that name. Without events
        there is content alone. Left out is what of `training.HEAVY` is to be done `without` or has no library here.

        Raises `ShopLocked`, `StorageError`.
        """
        started = time.monotonic()
        with self._store.writing():
            products, latest = Ids(self._parts.catalog.ids()), self._parts.events.latest()
            interactions = self.interactions(products)
            methods = methods_of(self._vectors(tell), sequential, without)
            training = Training(methods, tell=lambda stage: tell(stage, 0, None), without=without)
            learnt = self._learnt(interactions, latest, training)
            generation = self._store.publish(learnt)
        blend, seconds = hasattr(learnt.ranker, "text"), round(time.monotonic() - started, 3)
        return Trained(
            generation,
            len(learnt.products),
            len(interactions),
            tuple(methods),
            blend,
            seconds,
            left_out(without),
        )

    def refresh(self, tell: Tell) -> Refreshed:
        """Take in what happened since, without learning anew: sessions, popularity, new products by content."""
        started = time.monotonic()
        with self._store.writing():
            _, learnt = self._store.open()
            before, latest = len(learnt.products), self._parts.events.latest()
            learnt = learnt.on_shelf(self._parts.catalog.changes(learnt.catalogue))
            new = self.interactions(learnt.products, after=learnt.events)
            vectors = self._vectors(tell, learnt.encoder)
            learnt = learnt.refreshed(new, latest)
            learnt = learnt.encoded(vectors) if vectors is not None else learnt
            generation = self._store.publish(learnt)
        added = len(learnt.products) - before
        return Refreshed(generation, len(new), added, round(time.monotonic() - started, 3))

    def interactions(self, products: Ids, after: int = 0) -> Interactions:
        """What shoppers did with products, of the events numbered above `after`; new names are added to `products`."""
        return from_events(self._parts.events.read(kinds=_KINDS, after=after), products)

    def rehearsal(
        self, held_out: float, tell: Tell, sequential: Recommender | None
    ) -> tuple[Interactions, Interactions, Shelf, Mapping[str, Recommender]]:
        """What to measure with: sessions before and after the moment that leaves `held_out` of them, the shelf, and
        the methods."""
        interactions = self.interactions(Ids(self._parts.catalog.ids()))
        past, future = by_time(interactions, moment_leaving(interactions, held_out))
        shelf, _ = self._shelf(interactions.products)
        return past, future, shelf, methods_of(self._vectors(tell), sequential)

    def _learnt(self, interactions: Interactions, latest: int, training: Training) -> Learnt:
        shelf, catalogue = self._shelf(interactions.products)
        encoder = self._parts.encoder()
        knowledge, ranker = training.fit(interactions, shelf)
        digest = encoder.identity.digest if encoder is not None else ""
        return Learnt(interactions.products, knowledge, ranker, latest, catalogue, digest)

    def _shelf(self, products: Ids) -> tuple[Shelf, int]:
        """The catalogue as it is, and the number of its last change."""
        changes = list(self._parts.catalog.changes(0))
        living = [change.product for change in changes if change.product is not None]
        return empty_shelf().changed(living, (), products), changes[-1].seq if changes else 0

    def _vectors(self, tell: Tell, digest: str | None = None) -> Vectors | None:
        """None without an encoder, and where it is not the one of this `digest`: vectors of two models do not mix."""
        encoder = self._parts.encoder()
        if encoder is None or (digest is not None and encoder.identity.digest != digest):
            return None
        made = vectors_of(
            self._parts.catalog,
            encoder,
            self._parts.fields,
            lambda done, all: tell("encoding products", done, all),
            self._parts.indexed,
        )
        return _once(made) if digest is None else made

    @cached_property
    def _pipeline(self) -> RecommendPipeline:
        parts = self._parts
        past = Past(self._since)
        sources = Sources(
            parts.catalog.changes,
            parts.catalog.latest_seq,
            lambda shopper: past.of(shopper) if parts.may_use(shopper) else (),
            parts.catalog.get_bodies,
            lambda digest: self._vectors(_silent, digest),
        )
        return RecommendPipeline(self._store, sources)

    def _since(self, shopper: str, after: int) -> Iterator[tuple[int, Event]]:
        events = self._parts.events
        return events.numbered(Selection(_KINDS, shopper=events.pseudonym(shopper), after=after))


def _silent(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody listens to."""


def _once(vectors: Vectors) -> Vectors:
    """Content is learnt for the blend and again for serving, from the same products."""
    kept: dict[tuple[str, ...], Values] = {}

    def of(ids: Sequence[str]) -> Values:
        key = tuple(ids)
        if key not in kept:
            kept.clear()
            kept[key] = vectors(ids)
        return kept[key]

    return of
