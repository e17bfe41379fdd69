"""Click models on shoppers whose minds are known, on the retrotech sessions, and against the clock.

    python -m bench.behaviour.click_models [--data FOLDER] [--queries N] [--sessions N] [--seed N]

Simulated shoppers: for each kind of shopper and each model, how the recovered attractiveness correlates with the truth
over all pairs that were shown, with a ranking at random and with one that wavers about its own opinion; `known` is the
same of the matching model over the pairs that it is confident of.

Retrotech has no judgments by people, so nothing there can say which product is right. Three things can be measured.

- `unseen`, `perplexity`: whether a model tells the clicks of every fifth page, on which it was not fitted.
- `matched`: of two products that stood at the same position, on pages that the model has not seen, which one was
  clicked more? No position bias can decide that. 1 if the model's relevance orders all such comparisons rightly, 0 for
  a coin, each comparison weighing as much as the clicks differ. Fitted on one half of the pages, measured on the other,
  and again with the halves exchanged.
- `moved`: the log-likelihood per impression of unseen clicks, with an opinion of the product that was formed at other
  positions: each product is taken for two, one in the upper half of the positions that it had and one in the lower.
  `agreement` is the rank correlation of the two opinions within a query. It is printed to warn of it: a product that
  mostly stands high does so in both halves, so an opinion agrees with itself the better the more of the position is
  left in it.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from openaisle.evaluation.statistics import bootstrap, randomization_test
from openaisle.events.click_models.cells import cells_of
from openaisle.events.click_models.chain import ByChain
from openaisle.events.click_models.choose import BASELINE, MODELS, best, compared
from openaisle.events.click_models.gather import gather
from openaisle.events.click_models.held_out import divided, held_out
from openaisle.events.click_models.judgments import LEAST_CONFIDENCE
from openaisle.events.click_models.model import ClickModel, Fitted
from openaisle.events.click_models.pages import Floats, Impressions, Pages, pages_of
from openaisle.events.click_models.position_bias import bias_of, intervals
from openaisle.events.click_models.two_causes import maximised
from openaisle.events.event import Event, Kind, Source
from openaisle.events.simulation import (
    CascadeShopper,
    DynamicShopper,
    Market,
    PositionShopper,
    Shopper,
    events_of,
    market,
    simulate,
)

ALL: Sequence[ClickModel] = (BASELINE, *MODELS.values())
SHOPPERS: dict[str, tuple[Shopper, str]] = {
    "position": (PositionShopper(), "pbm"),
    "cascade": (CascadeShopper(), "cascade"),
    "dynamic": (DynamicShopper(), "dbn"),
}
RANKINGS = {"at random": 100.0, "wavering": 0.3}
DATA = Path(__file__).parents[3] / "shared" / "data"


def attraction(fitted: Fitted) -> Floats:
    return fitted.parameters.attraction if isinstance(fitted, ByChain) else fitted.relevance.mean


def truth(known: Market, pages: Pages) -> Floats:
    """The attraction of every pair of `pages`."""
    of = {
        (query, product): chance
        for query, products, chances in zip(known.queries, known.products, known.attraction, strict=True)
        for product, chance in zip(products, chances, strict=True)
    }
    pairs = pages.pairs
    named = zip(pairs.query.tolist(), pairs.product.tolist(), strict=True)
    return np.array([of[pairs.queries[query], pairs.products[product]] for query, product in named])


def simulated(queries: int, sessions: int, seed: int) -> None:
    known = market(queries, 20, seed)
    for ranking, wavering in RANKINGS.items():
        print(
            f"\nCorrelation with the truth, ranking {ranking}: {queries} queries, {sessions:,} sessions each, "
            "10 of 20 products shown"
        )
        print(f"{'shopper':10}{heads()}    known  best unseen   clicks")
        for name, (shopper, match) in SHOPPERS.items():
            pages = simulate(known, shopper, sessions, wavering=wavering, seed=seed)
            true = truth(known, pages)
            fitted = {model.name: model.fit(pages) for model in ALL}
            cells = "".join(f"{np.corrcoef(attraction(each), true)[0, 1]:9.3f}" for each in fitted.values())
            sure = fitted[match].relevance.confidence >= LEAST_CONFIDENCE
            best_of = np.corrcoef(attraction(fitted[match])[sure], true[sure])[0, 1]
            print(f"{name:10}{cells}{best_of:9.3f}  {best(compared(pages)).name:11} {pages.clicks:8,}")


def heads() -> str:
    return "".join(f"{model.name:>9}" for model in ALL)


def bias(queries: int, sessions: int, seed: int) -> None:
    known = market(queries, 20, seed)
    for ranking, wavering in {**RANKINGS, "hardly moving": 0.05, "never moving": 0.0}.items():
        pages = simulate(known, PositionShopper(), sessions, wavering=wavering, seed=seed)
        true = PositionShopper().examination(10)
        found = bias_of(pages)
        low, high = intervals(pages, found)
        em = maximised(cells_of(pages))
        inside = int(((low <= true) & (true <= high)).sum())
        print(
            f"\nPosition bias, ranking {ranking}, by {found.method}: worst error {worst(found.examination, true):.1%}, "
            f"by EM alone {worst(em, true):.1%}; truth within the interval at {inside} of 10 positions"
        )
        print("  truth " + " ".join(f"{each:.3f}" for each in true))
        print("  found " + " ".join(f"{each:.3f}" for each in found.examination))


def worst(found: Floats, true: Floats) -> float:
    return float(np.abs(found / true - 1).max())


def retrotech(path: Path) -> None:
    pages = gather(sessions_of(path)).pages
    print(f"\nRetrotech: {len(pages):,} pages, {pages.impressions:,} impressions, {pages.clicks:,} clicks")
    found = bias_of(pages)
    print(f"position bias by {found.method}: " + " ".join(f"{each:.3f}" for each in found.examination[:10]) + " …")
    learned, unseen = divided(pages)
    halves = apart(pages)
    learned_halves, unseen_halves = divided(halves)
    rows = {}
    for model in ALL:
        measured = held_out(model.fit(learned), unseen)
        fitted = model.fit(learned_halves)
        moved = log_likelihoods(fitted, swapped(unseen_halves), unseen_halves)
        rows[model.name] = (measured, matched(model, pages), moved, agreement(fitted, halves).mean())
    _, base_matched, base_moved, _ = rows[BASELINE.name]
    print(f"{'':8}{'unseen':>9}{'perplexity':>12}{'matched':>9}{'moved':>9}{'agreement':>11}")
    for name, (measured, right, moved, agrees) in rows.items():
        told = f"{measured.log_likelihood:9.4f}{measured.perplexity:12.4f}"
        print(f"{name:8}{told}{right.mean():9.3f}{moved.mean():9.4f}{agrees:11.3f}")
    print("above the click rate, mean over 13 queries")
    for name, (_, right, moved, _) in rows.items():
        if name != BASELINE.name:
            print(f"{name:8}  matched {gained(right - base_matched)}   moved {gained(moved - base_moved)}")


def matched(model: ClickModel, pages: Pages) -> Floats:
    """For each query how well the model's relevance orders products as they were clicked at equal positions."""
    even = np.arange(len(pages)) % 2 == 0
    return (
        order_kept(model, pages.where(even), pages.where(~even))
        + order_kept(model, pages.where(~even), pages.where(even))
    ) / 2


def order_kept(model: ClickModel, learned: Pages, unseen: Pages) -> Floats:
    values, cells = model.fit(learned).relevance.mean, cells_of(unseen)
    shown, clicks = (np.zeros((cells.pairs, cells.depth)) for _ in range(2))
    shown[cells.pair, cells.place], clicks[cells.pair, cells.place] = cells.shown, cells.clicks
    found = []
    for query in range(len(unseen.pairs.queries)):
        rows = np.flatnonzero(unseen.pairs.query == query)
        n, c = shown[rows], clicks[rows]
        both = n[:, None, :] + n[None, :, :]
        # Mantel and Haenszel: the difference of the two click counts at each position, as if shown equally often.
        more = c[:, None, :] * n[None, :, :] - c[None, :, :] * n[:, None, :]
        difference = np.divide(more, both, out=np.zeros_like(both), where=both > 0).sum(axis=2)
        order = np.sign(values[rows][:, None] - values[rows][None, :])
        found.append((difference * order).sum() / np.abs(difference).sum())
    return np.array(found)


def gained(differences: Floats) -> str:
    """Mean over queries with its interval, and in how many queries it is above 0."""
    mean = bootstrap(differences)
    wins = int((differences > 0).sum())
    chance = randomization_test(differences)
    return f"{mean.mean:+.3f} [{mean.low:+.3f}, {mean.high:+.3f}] {wins}/{len(differences)} p {chance:.4f}"


def sessions_of(path: Path) -> Iterator[Event]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t")):
            shown = Event(
                f"i{number}",
                Kind.IMPRESSION,
                number,
                query_id=f"{row['session_id']}/{row['query']}",
                query=row["query"],
                product_id=row["product_id"],
                position=int(row["position"]) + 1,
                source=Source.SEARCH,
            )
            yield shown
            if row["clicked"] == "1":
                yield replace(shown, id=f"c{number}", kind=Kind.CLICK)


def apart(pages: Pages) -> Pages:
    """Each product of a query as two: `…/0` in the upper half of its own positions, `…/1` in the lower half."""
    order = np.lexsort((pages.position, pages.pair))
    shown = pages.count().astype(np.int64)
    rank = np.empty(pages.impressions, np.int64)
    rank[order] = np.arange(pages.impressions) - np.repeat(np.cumsum(shown) - shown, shown)
    lower = (rank >= shown[pages.pair] / 2).astype(np.int64)
    pairs = pages.pairs
    names = [f"{name}/{half}" for name in pairs.products for half in (0, 1)]
    product = pairs.product[pages.pair].astype(np.int64) * 2 + lower
    query, position = pairs.query[pages.pair].astype(np.int64), pages.position.astype(np.int64)
    return pages_of(Impressions(pairs.queries, names, pages.page, query, product, position, pages.clicked))


def swapped(halves: Pages) -> Pages:
    """The same pages with each product under the name that it has in the other half of its positions."""
    return replace(halves, pair=twins(halves)[halves.pair].astype(np.int32))


def twins(halves: Pages) -> np.ndarray:
    """For each pair the one that is the same product in the other half."""
    pairs, found = halves.pairs, []
    for query, product in zip(pairs.query.tolist(), pairs.product.tolist(), strict=True):
        name, _, half = pairs.products[product].rpartition("/")
        twin = pairs.find(pairs.queries[query], f"{name}/{1 - int(half)}")
        found.append(-1 if twin is None else twin)
    return np.array(found)


def agreement(fitted: Fitted, halves: Pages) -> Floats:
    """For each query the rank correlation of opinions from the two halves."""
    pairs, twin, values = halves.pairs, twins(halves), fitted.relevance.mean
    upper = np.array([pairs.products[product].endswith("/0") for product in pairs.product.tolist()])
    found = []
    for query in range(len(pairs.queries)):
        rows = np.flatnonzero((pairs.query == query) & upper & (twin >= 0))
        found.append(np.corrcoef(ranks(values[rows]), ranks(values[twin[rows]]))[0, 1])
    return np.array(found)


def ranks(values: Floats) -> Floats:
    return np.argsort(np.argsort(values)).astype(np.float64)


def log_likelihoods(fitted: Fitted, told: Pages, happened: Pages) -> Floats:
    """For each query per impression."""
    chances = np.clip(fitted.probabilities(told), 1e-9, 1 - 1e-9)
    logs = np.log(np.where(happened.clicked, chances, 1 - chances))
    query = happened.query[happened.page]
    return np.bincount(query, logs) / np.bincount(query)


def clock(seed: int) -> None:
    pages = simulate(market(500, 40, seed), DynamicShopper(), 200, seed=seed)
    events = list(events_of(pages))
    print(
        f"\nProcessor time with {pages.impressions:,} impressions, {pages.clicks:,} clicks, {len(pages.pairs):,} pairs"
    )
    started = time.process_time()
    gathered = gather(events).pages
    print(f"  gather    {time.process_time() - started:6.2f} s from {len(events):,} events")
    columns = (gathered.starts, gathered.pair, gathered.position, gathered.clicked)
    print(f"  columns   {sum(column.nbytes for column in columns) / 1e6:6.1f} MB")
    for model in ALL:
        started = time.process_time()
        model.fit(gathered)
        print(f"  {model.name:9} {time.process_time() - started:6.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--queries", type=int, default=50)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    simulated(given.queries, given.sessions, given.seed)
    bias(given.queries, given.sessions, given.seed)
    sessions = given.data / "search" / "retrotech" / "sessions_1000_per_query.tsv.gz"
    if sessions.exists():
        retrotech(sessions)
    else:
        print(f"\nRetrotech is not at {sessions}: left out.")
    clock(given.seed)


if __name__ == "__main__":
    main()
