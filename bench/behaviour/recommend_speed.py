"""How long a recommendation takes: 200,000 products, 100,000 shoppers, one process, one thread; made-up behaviour.

`python -m bench.behaviour.recommend_speed [--products N] [--shoppers N]`. Products lie in clusters, shoppers keep to a
few of them. The pipeline is asked as a shop asks it, log and catalogue being dictionaries; beside it, implicit answers
from ALS factors of the same number. Training is real but for the transformer, whose weights stay as they were drawn,
and the blend, which grows all its trees however little made-up shoppers teach it: neither changes its speed.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from openaisle.catalog.product import Product
from openaisle.events.event import Event, Kind
from openaisle.learning.sequential import Sequential
from openaisle.recommend.blend.learning import BlendOptions
from openaisle.recommend.ids import Ids
from openaisle.recommend.interactions import WEIGHTS, Interactions, from_columns
from openaisle.recommend.learnt import Learnt
from openaisle.recommend.methods.als import Als, users
from openaisle.recommend.pipeline import RecommendPipeline, Sources
from openaisle.recommend.placements import Place
from openaisle.recommend.request import RecommendationRequest
from openaisle.recommend.shelf import empty_shelf
from openaisle.recommend.store import Store
from openaisle.recommend.training import Training, methods_of

_DAY_MS = 86_400_000
_CALLS = 1000
_WARM = 50
_DIMENSIONS = 384
_PER_CLUSTER = 100
_VISITS, _LENGTH = 4, 4
_TREES = BlendOptions().trees
_SEED = 17


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=200_000)
    parser.add_argument("--shoppers", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = behaviour(arguments.products, arguments.shoppers)
    before = resident()
    learnt, seconds = trained(rows)
    print(f"{len(rows)} events of {arguments.shoppers} shoppers; trained in {seconds:.0f} s of processor", flush=True)
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        with store.writing():
            store.publish(learnt)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        del learnt
        pipeline = RecommendPipeline(store, sources(rows))
        found = {str(place): timed(asking(pipeline, rows, place)) for place in Place}
        found |= theirs(rows)
    memory = {"rows_mb": before, "peak_mb": resident(), "disk_mb": round(size / 1e6)}
    for name, times in found.items():
        print(f"  {name:28} p50 {times['p50']:6.2f} ms   p95 {times['p95']:6.2f} ms   processor {times['cpu']:6.2f} ms")
    print(f"  {memory}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"calls": found, "memory": memory}, indent=1) + "\n")


def behaviour(products: int, shoppers: int) -> Interactions:
    """`_VISITS` visits of `_LENGTH` views by each shopper, in two clusters that are the shopper's own; every other view
    is of what goes with the product before it, and one in twenty is an order."""
    generator = np.random.default_rng(_SEED)
    count = shoppers * _VISITS * _LENGTH
    shopper = np.repeat(np.arange(shoppers), _VISITS * _LENGTH)
    session = np.repeat(np.arange(shoppers * _VISITS), _LENGTH)
    clusters = products // _PER_CLUSTER
    own = generator.integers(0, clusters, (shoppers, 2))
    cluster = own[shopper, generator.integers(0, 2, shoppers * _VISITS)[session]]
    drawn = ((generator.pareto(1.2, count) * 5).astype(np.int64) % _PER_CLUSTER).reshape(-1, _LENGTH)
    follows = generator.random(drawn.shape) < 0.5
    for step in range(1, _LENGTH):
        drawn[:, step] = np.where(follows[:, step], (drawn[:, step - 1] + 7) % _PER_CLUSTER, drawn[:, step])
    product = cluster * _PER_CLUSTER + drawn.ravel()
    kind = np.where(generator.random(count) < 0.05, list(WEIGHTS).index(Kind.ORDER), 0)
    begin = generator.integers(0, 30 * _DAY_MS, shoppers * _VISITS)
    time_ = begin[session] + (np.arange(count) % _LENGTH) * 60_000
    names = (Ids(f"P{n}" for n in range(products)), Ids(f"S{n}" for n in range(shoppers)))
    return from_columns(product, session, shopper, kind, time_, products=names[0], shoppers=names[1])


def trained(rows: Interactions) -> tuple[Learnt, float]:
    started = time.process_time()
    methods = methods_of(vectors, Sequential(epochs=0))
    methods["als"] = Als(iterations=2)
    training = Training(
        methods,
        held_out=0.02,
        blend=BlendOptions(cases=1500, patience=_TREES),
        tell=lambda stage: print(f"  {time.process_time() - started:6.0f} s  {stage}", flush=True),
    )
    products = (
        Product(id=name, title={"en": name}, category=(f"C{n // _PER_CLUSTER}",), price=10.0 + n % 90, group_id=None)
        for n, name in enumerate(rows.products.names)
    )
    shelf = empty_shelf().changed(products, (), rows.products)
    knowledge, ranker = training.fit(rows, shelf)
    return Learnt(rows.products, knowledge, ranker, 0, 1), time.process_time() - started


def vectors(ids: Sequence[str]) -> np.ndarray:
    """Unit vectors around the middles of the clusters."""
    generator = np.random.default_rng(_SEED)
    middles = generator.standard_normal((-(-len(ids) // _PER_CLUSTER), _DIMENSIONS), np.float32)
    made = middles[np.arange(len(ids)) // _PER_CLUSTER]
    made += 0.7 * generator.standard_normal(made.shape, np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def sources(rows: Interactions) -> Sources:
    place = np.argsort(rows.shopper, kind="stable")
    starts = np.searchsorted(rows.shopper[place], np.arange(len(rows.shoppers) + 1))

    def past(shopper: str) -> list[Event]:
        number = int(shopper[1:])
        mine = place[starts[number] : starts[number + 1]]
        return [
            Event(
                str(row),
                Kind.ORDER if rows.bought[row] else Kind.VIEW,
                int(rows.time[row]),
                shopper,
                str(rows.session[row]),
                product_id=rows.products.names[rows.product[row]],
            )
            for row in mine.tolist()
        ]

    def bodies(ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return {id: {"id": id, "title": {"en": id}} for id in ids}

    return Sources(lambda after: (), lambda: 1, past, bodies)


def asking(pipeline: RecommendPipeline, rows: Interactions, place: Place) -> Callable[[int], object]:
    """Shoppers in the middle of a visit, on the page of a product of it or with that in the cart."""
    generator = np.random.default_rng(_SEED)
    chosen = rows.offsets[generator.integers(0, len(rows.offsets) - 1, _CALLS + _WARM)]
    paged = place in (Place.SIMILAR, Place.COMPLEMENTARY)

    def ask(call: int) -> object:
        row = int(chosen[call])
        product = rows.products.names[rows.product[row]]
        request = RecommendationRequest(
            rows.shoppers.names[rows.shopper[row]],
            product=product if paged else "",
            cart=(product,) if place is Place.CART else (),
            placement=place,
        )
        return pipeline.recommend(request, now=int(rows.time[row]) + 150_000)

    return ask


def theirs(rows: Interactions) -> dict[str, dict[str, float]]:
    """implicit's own answer for the same shoppers by ALS of as many factors, with a shopper's factors at hand and with
    them solved for anew; it keeps to products that were not seen, as it does by default."""
    model = Als(iterations=1)._trained(rows)
    matrix = csr_matrix((rows.weight, (users(rows), rows.product)), shape=(len(rows.shoppers), len(rows.products)))
    generator = np.random.default_rng(_SEED)
    chosen = generator.integers(0, len(rows.shoppers), _CALLS + _WARM).tolist()
    return {
        "implicit als": timed(lambda call: model.recommend(chosen[call], matrix[chosen[call]], N=10)),
        "implicit als, folded in": timed(
            lambda call: model.recommend(chosen[call], matrix[chosen[call]], N=10, recalculate_user=True)
        ),
    }


def timed(ask: Callable[[int], object]) -> dict[str, float]:
    for call in range(_CALLS, _CALLS + _WARM):
        ask(call)
    times, cpu = [], time.process_time()
    for call in range(_CALLS):
        started = time.perf_counter()
        ask(call)
        times.append((time.perf_counter() - started) * 1e3)
    spent = (time.process_time() - cpu) / _CALLS * 1e3
    return {"p50": float(np.median(times)), "p95": float(np.percentile(times, 95)), "cpu": spent}


def resident() -> int:
    """Most megabytes that the process held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
