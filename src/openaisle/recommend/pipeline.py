"""A request's way: follow what changed, know the shopper, pick, present."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openaisle.catalog.changes import Change
from openaisle.errors import ProductNotFound
from openaisle.events.event import Event
from openaisle.recommend.ids import UNKNOWN
from openaisle.recommend.learnt import Learnt
from openaisle.recommend.methods.content import Vectors
from openaisle.recommend.placements import PLACEMENTS
from openaisle.recommend.ranking import Picked, picked
from openaisle.recommend.reasons import TEMPLATES
from openaisle.recommend.request import RecommendationRequest
from openaisle.recommend.response import Reason, Recommendation, Recommendations
from openaisle.recommend.store import Store
from openaisle.recommend.visits import context_of

Bodies = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
Changes = Callable[[int], Iterable[Change]]
Latest = Callable[[], int]
Past = Callable[[str], Sequence[Event]]
"""A shopper as the shop knows them → the events that may be used for them; none where the shopper said no."""
VectorsOf = Callable[[str], Vectors | None]
"""The digest of an encoder → what makes vectors with it; None where the shop has another by now."""

_ENCODED_AT_ONCE = 500
"""New products that a call encodes; more of them wait for a refresh."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What the pipeline asks of the rest of the house."""

    changes: Changes
    latest: Latest
    past: Past
    bodies: Bodies
    vectors: VectorsOf = lambda digest: None


class RecommendPipeline:
    """Safe for many threads. A generation that another process publishes is taken up at the next call."""

    def __init__(self, store: Store, sources: Sources) -> None:
        self._store = store
        self._sources = sources
        self._changing = threading.Lock()
        self._live: tuple[str, Learnt] | None = None

    def recommend(self, request: RecommendationRequest, now: int | None = None) -> Recommendations:
        """Answer one request; `now` in milliseconds since 1970. Raises `NotTrained`, `ProductNotFound`,
        `RecommendationsCorrupt`."""
        clock = [time.perf_counter()]
        generation, learnt = self._followed()
        if request.product and not self._sold(request.product, learnt):
            raise ProductNotFound(
                f"No product has the id {request.product[:80]!r}.", "Check the id, or ingest the product first."
            )
        clock.append(time.perf_counter())
        events = self._sources.past(request.shopper) if request.shopper else ()
        moment = time.time_ns() // 1_000_000 if now is None else now
        context = context_of(request, events, learnt.products, moment)
        clock.append(time.perf_counter())
        chosen = picked(context, learnt, PLACEMENTS[request.place], request.limit)
        clock.append(time.perf_counter())
        answers = self._presented(chosen, learnt)
        clock.append(time.perf_counter())
        notices = () if not request.shopper or events else ("Nothing is known of this shopper.",)
        return Recommendations(request.place, generation, answers, _timings(clock), notices)

    def _followed(self) -> tuple[str, Learnt]:
        """The live generation, in step with the catalogue."""
        name, live = self._store.current(), self._live
        if live is not None and live[0] == name and live[1].catalogue == self._sources.latest():
            return live
        with self._changing:
            live = self._live
            if live is None or live[0] != name:
                live = self._store.open()
            learnt = live[1].on_shelf(self._sources.changes(live[1].catalogue))
            self._live = (live[0], self._encoded(learnt))
            return self._live

    def _encoded(self, learnt: Learnt) -> Learnt:
        """New products can be found by what they are at once."""
        if not 0 < learnt.unencoded <= _ENCODED_AT_ONCE:
            return learnt
        vectors = self._sources.vectors(learnt.encoder)
        return learnt if vectors is None else learnt.encoded(vectors)

    def _sold(self, product: str, learnt: Learnt) -> bool:
        number = learnt.products.number(product)
        return number != UNKNOWN and number < len(learnt.knowledge.shelf) and bool(learnt.knowledge.shelf.live[number])

    def _presented(self, chosen: Sequence[Picked], learnt: Learnt) -> tuple[Recommendation, ...]:
        """A product that the store has lost meanwhile is left out."""
        names = learnt.products.names
        anchors = [each.why.because for each in chosen if each.why.because != UNKNOWN]
        wanted = dict.fromkeys(names[number] for number in [*(each.product for each in chosen), *anchors])
        bodies = self._sources.bodies(tuple(wanted))
        return tuple(
            Recommendation(
                names[each.product], each.score, bodies[names[each.product]], each.parts, _reason(each, names, bodies)
            )
            for each in chosen
            if names[each.product] in bodies
        )


def _reason(each: Picked, names: Sequence[str], bodies: Mapping[str, Mapping[str, Any]]) -> Reason:
    because = names[each.why.because] if each.why.because != UNKNOWN else ""
    title = bodies.get(because, {}).get("title", {})
    templates = TEMPLATES[each.why.key]
    if because and not title:
        return Reason("for_you", "", TEMPLATES["for_you"])
    return Reason(
        each.why.key, because, {lang: text.replace("{title}", _in(title, lang)) for lang, text in templates.items()}
    )


def _in(title: str | Mapping[str, str], language: str) -> str:
    """The title in this language, or in whichever there is."""
    if isinstance(title, str):
        return title
    return title.get(language) or title.get("") or next(iter(title.values()), "")


def _timings(clock: Sequence[float]) -> dict[str, float]:
    steps = ("follow", "context", "pick", "present")
    timings = {step: (after - before) * 1e3 for step, before, after in zip(steps, clock, clock[1:], strict=False)}
    return {**timings, "total": (clock[-1] - clock[0]) * 1e3}
