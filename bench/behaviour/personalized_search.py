"""Personalised search by replay: where the product that a shopper chose stood, with and without their profile.

`python -m bench.behaviour.personalized_search [--shoppers N] [--sessions N] [--seed S] [--shop FOLDER]`.
Simulated shoppers with tastes search the sample store; what they did in the first seven tenths of the time makes the
profiles, their choices in the rest are looked for. Prints tables with 95 % bootstrap intervals over shoppers.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from openaisle import sample
from openaisle.catalog.validation import checked_product
from openaisle.events.event import Event, Kind, Source
from openaisle.profiles.facts import Facts, facts_of
from openaisle.sample.judge import items, judged_queries
from openaisle.search.personalize import PersonalizeStep
from openaisle.search.pipeline import SearchPipeline
from openaisle.search.question import Question
from openaisle.search.rank import Ranked
from openaisle.search.request import SearchRequest
from openaisle.shop import Shop

STRENGTHS = (0.0, 0.25, 0.5, 1.0)
DAY = 86_400_000
DEPTH = 100
TRAINED = 0.7
WANTED = 30
NOISE = 0.5
"""Scale of what moves a choice besides relevance and taste."""


@dataclass(frozen=True)
class Choice:
    """A product that a shopper chose after a query, to be looked for."""

    shopper: str
    query: str
    product: str


@dataclass
class Replay:
    """`past` becomes profiles; each set of `choices` is looked for."""

    past: list[Event] = field(default_factory=list)
    choices: dict[str, list[Choice]] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shoppers", type=int, default=60)
    parser.add_argument("--sessions", type=int, default=200, help="of each shopper, one search and one click each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shop", type=Path, help="folder to make the shop in, or to use again")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.shop or Path(scratch) / "shop"
        with (Shop.open if folder.exists() else Shop.create)(folder) as shop:
            rng = np.random.default_rng(arguments.seed)
            replay = simulated(shop, arguments.shoppers, arguments.sessions, rng)
            shop.events.append(replay.past)
            print(f"{shop.catalog.count():,} products, {len(replay.past):,} events of the past, seed {arguments.seed}")
            for name, choices in replay.choices.items():
                report(shop, name, choices, rng)
            latency(shop, next(iter(replay.choices.values())))


# Simulated shoppers


@dataclass(frozen=True)
class Store:
    """The sample store: facts by product, the logarithm of its price over the median of its category, and what each
    judged query's answers are worth."""

    facts: dict[str, Facts]
    dearness: dict[str, float]
    gains: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Taste:
    """Likings are added to a utility in which an exact answer is worth 3."""

    brands: dict[str, float]
    values: dict[tuple[str, str], float]
    dear: float

    def of(self, facts: Facts, dearness: float) -> float:
        liked = sum(self.brands.get(value, 0.0) for name, value in facts.traits if name == "brand")
        liked += sum(self.values.get(trait, 0.0) for trait in facts.traits)
        return liked + self.dear * dearness


def simulated(shop: Shop, shoppers: int, sessions: int, rng: np.random.Generator) -> Replay:
    """Two thirds of the shoppers have tastes. In the past all choose from the unpersonalised page of 20, whose upper
    places are looked at more. Looked for is what they want most of the first `WANTED` found, seen or not: what is
    clicked on a page favours the order of that page, whoever made it, and would count any other as worse."""
    if not shop.catalog.count():
        shop.upsert(map(checked_product, sample.products()))
    store, search = _store(), _pipeline(shop, PersonalizeStep(shop.profiles, 0.0)).search
    found = {query: [hit.id for hit in _search(search, query, DEPTH)] for query in store.gains}
    queries = _by_department({query: page for query, page in found.items() if len(page) >= 8}, store)
    groups = ("wanted by shoppers with a taste", "wanted by shoppers without one")
    replay = Replay(choices={name: [] for name in groups})
    run = time.time_ns()
    start = run // 1_000_000 - 61 * DAY
    for number in range(shoppers):
        shopper = f"{run}-{number}"
        visited = [str(name) for name in rng.choice(sorted(queries), size=3, replace=False)]
        taste = _taste(store.facts, visited, rng) if number % 3 else Taste({}, {}, 0.0)
        own = [query for name in visited for query in queries[name]]
        for moment in np.sort(rng.random(sessions)):
            query, when = own[int(rng.integers(len(own)))], start + int(moment * 60 * DAY)
            if moment < TRAINED:
                chosen = _chosen(found[query][:20], store, query, taste, rng, seen=True)
                replay.past += _acts(shopper, query, chosen, when, rng)
            else:
                chosen = _chosen(found[query][:WANTED], store, query, taste, rng, seen=False)
                replay.choices[groups[number % 3 == 0]].append(Choice(shopper, query, chosen))
    return replay


def _by_department(found: dict[str, list[str]], store: Store) -> dict[str, list[str]]:
    """Queries by the department of most of their first ten answers; departments with three of them or more."""
    queries: dict[str, list[str]] = {}
    for query, page in found.items():
        paths = [store.facts[id].path.partition(" > ")[0] for id in page[:10]]
        queries.setdefault(max(set(paths), key=paths.count), []).append(query)
    return {name: own for name, own in queries.items() if len(own) >= 3}


def _chosen(
    page: Sequence[str], store: Store, query: str, taste: Taste, rng: np.random.Generator, *, seen: bool
) -> str:
    """The product of the highest utility; of a page `seen` from above, a place is looked at with chance place^-.5."""
    gains = store.gains[query]
    utility = np.array([gains.get(id, 0.0) + taste.of(store.facts[id], store.dearness[id]) for id in page])
    utility += NOISE * rng.gumbel(size=len(page))
    if seen:
        looked = rng.random(len(page)) < np.arange(1, len(page) + 1) ** -0.5
        utility[~looked & (np.arange(len(page)) > 0)] = -np.inf
    return page[int(np.argmax(utility))]


def _taste(facts: dict[str, Facts], visited: Sequence[str], rng: np.random.Generator) -> Taste:
    """A quarter of the brands of the visited departments; two of the ten usual colours and three of the fifteen usual
    materials liked, one colour disliked; and what a doubling of the price is worth."""
    own = [each for each in facts.values() if each.path.partition(" > ")[0] in visited]
    usual = Counter(trait for each in own for trait in each.traits)
    brands = [value for name, value in usual if name == "brand"]
    liked = {str(brand): 1.0 for brand in rng.choice(brands, size=len(brands) // 4, replace=False)}
    values: dict[tuple[str, str], float] = {}
    for name, width, likings in (("colour", 10, (1.0, 1.0, -1.0)), ("material", 15, (0.8, 0.8, 0.8))):
        known = [trait for trait, _ in usual.most_common() if trait[0] == name][:width]
        places = rng.choice(len(known), size=min(len(likings), len(known)), replace=False)
        values |= {known[int(place)]: liking for place, liking in zip(places, likings, strict=False)}
    return Taste(liked, values, float(rng.normal(0, 0.7)))


def _acts(shopper: str, query: str, product: str, when: int, rng: np.random.Generator) -> Iterator[Event]:
    id = f"{shopper}-{when}"
    click = Event(id, Kind.CLICK, when, shopper, query=query, product_id=product, source=Source.SEARCH)
    yield click
    if rng.random() < 0.3:
        yield replace(click, id=f"{id}-cart", kind=Kind.CART, time=when + 60_000)
        if rng.random() < 0.5:
            yield replace(click, id=f"{id}-order", kind=Kind.ORDER, time=when + 120_000)


def _store() -> Store:
    facts = {body["id"]: facts_of(body) for body in sample.products()}
    return Store(facts, _dearness(facts), _gains())


def _dearness(facts: dict[str, Facts]) -> dict[str, float]:
    by_path: dict[str, list[float]] = {}
    for each in facts.values():
        by_path.setdefault(each.path, []).append(each.price or 1.0)
    medians = {path: float(np.median(prices)) for path, prices in by_path.items()}
    return {id: float(np.log2((each.price or 1.0) / medians[each.path])) for id, each in facts.items()}


def _gains() -> dict[str, dict[str, float]]:
    every = items()
    gains: dict[str, dict[str, float]] = {}
    for query in judged_queries():
        if not query.nothing_relevant:
            gains[query.text] = {
                item.product["id"]: float(gain)
                for gain in sorted(query.answers)
                for selector in query.answers[gain]
                for item in every
                if selector.selects(item)
            }
    return gains


# Measuring


@dataclass(frozen=True)
class Tried(PersonalizeStep):
    """Notes the first products of a ranking at every strength, and leaves it as it was."""

    tried: dict[float, list[str]] = field(default_factory=dict)

    def personalize(self, question: Question, ranked: Ranked, shopper: str) -> Ranked:
        for strength in STRENGTHS:
            made = PersonalizeStep(self.profiles, strength).personalize(question, ranked, shopper)
            self.tried[strength] = question.snapshot.ids(made.rows[:DEPTH])
        return ranked


def report(shop: Shop, name: str, choices: list[Choice], rng: np.random.Generator) -> None:
    print(f"\n{name}: {len(choices):,} choices of {len({choice.shopper for choice in choices}):,} shoppers")
    print("  strength    MRR  [change, 95 %]            top 3  [change, 95 %]            mean rank")
    tried = _ranks(shop, choices)
    plain, who = tried[0.0], np.unique([choice.shopper for choice in choices], return_inverse=True)[1]
    for strength, ranks in tried.items():
        mrr, third = _changes(1 / ranks, 1 / plain, who, rng), _changes(ranks <= 3, plain <= 3, who, rng)
        means = np.mean(1 / ranks), np.mean(ranks <= 3)
        print(f"  {strength:8.2f}  {means[0]:.4f}  {mrr}  {means[1]:.4f}  {third}  {ranks.mean():8.2f}", flush=True)


def _ranks(shop: Shop, choices: list[Choice]) -> dict[float, np.ndarray]:
    """Places by strength. A query whose page no profile may move counts with the place that it has."""
    step = Tried(shop.profiles, 1.0)
    search = _pipeline(shop, step).search
    places: dict[float, list[int]] = {strength: [] for strength in STRENGTHS}
    for choice in choices:
        step.tried.clear()
        _search(search, choice.query, 1, choice.shopper)
        unmoved = [] if step.tried else [hit.id for hit in _search(search, choice.query, DEPTH)]
        for strength, own in places.items():
            own.append(step.tried.get(strength, unmoved).index(choice.product) + 1)
    return {strength: np.array(own, float) for strength, own in places.items()}


def _changes(after: np.ndarray, before: np.ndarray, who: np.ndarray, rng: np.random.Generator) -> str:
    difference = after.astype(float) - before.astype(float)
    sums, counts = np.bincount(who, difference), np.bincount(who)
    drawn = rng.integers(0, len(sums), (1000, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{difference.mean():+.4f} [{low:+.4f}, {high:+.4f}]"


def _search(search, query: str, limit: int, shopper: str | None = None) -> Sequence:  # type: ignore[no-untyped-def]
    return search(SearchRequest(query, limit=limit, shopper=shopper, group=False, ads=False)).hits


def _pipeline(shop: Shop, personalizing: PersonalizeStep) -> SearchPipeline:
    settings = shop.settings.search
    return SearchPipeline(shop.engine, shop.encoder, _nameless, settings, personalizing=personalizing)


def _nameless(ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Products without texts: only their order counts here, and marking words in a hundred of them takes its time."""
    return {id: {"title": ""} for id in ids}


def latency(shop: Shop, choices: list[Choice]) -> None:
    """Of the step itself, for shoppers whose profiles are in memory, beside the encoder: processor time of the thread,
    which other programs on the machine do not lengthen."""
    spent: list[float] = []

    class Timed(PersonalizeStep):
        def personalize(self, question: Question, ranked: Ranked, shopper: str) -> Ranked:
            begun = time.thread_time()
            made = super().personalize(question, ranked, shopper)
            spent.append((time.thread_time() - begun) * 1e3)
            return made

    search = _pipeline(shop, Timed(shop.profiles, 0.5)).search
    encoding = []
    for choice in choices[:300]:
        _search(search, choice.query, 10, choice.shopper)
    if shop.encoder is not None:
        encoder = getattr(shop.encoder, "_encoder", shop.encoder)
        for choice in choices[:100]:
            begun = time.thread_time()
            encoder.encode_queries([choice.query])
            encoding.append((time.thread_time() - begun) * 1e3)
    print("\nmilliseconds of processor time, p50 and p95:")
    for name, times in {"personalize": spent, "encode, not cached": encoding}.items():
        if times:
            print(f"  {name:18} {np.percentile(times, 50):7.3f} {np.percentile(times, 95):7.3f}")


if __name__ == "__main__":
    main()
