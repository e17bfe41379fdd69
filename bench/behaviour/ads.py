"""What the ads room keeps of its promises: on a made-up market, on the Open Bandit sample, and on judged pages.

`python -m bench.behaviour.ads market [--seeds N] [--searches N]`
`python -m bench.behaviour.ads bandit [FOLDER]`: FOLDER holds bts_all.csv.gz and random_all.csv.gz.
`python -m bench.behaviour.ads page SHOP JUDGMENTS.tsv.gz`: SHOP holds the judged products.
`python -m bench.behaviour.ads books [--processes N]`: concurrent charging with processes that are killed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from openaisle.ads.auction import Bid, vickrey_clarke_groves
from openaisle.ads.audit import audit
from openaisle.ads.clicks import Budget, Click
from openaisle.ads.floor import relevance_floor
from openaisle.ads.ledger import Ledger
from openaisle.ads.market.population import made_market
from openaisle.ads.market.regret import GRID
from openaisle.ads.market.trial import Plan, Trial, trial
from openaisle.ads.placing import Ad, Placed, loss_bound, place
from openaisle.ads.prediction.features import Shown
from openaisle.ads.prediction.rates import Counts, RateModel
from openaisle.ads.prediction.reliability import reliability
from openaisle.evaluation.judgments import read_judgments
from openaisle.evaluation.metrics.ndcg import ndcg
from openaisle.search.request import SearchRequest
from openaisle.shop import Shop
from openaisle.storage import migrate, open_engine

DATA = Path(__file__).parents[3] / "shared" / "data"
SEED = 20_240_229


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    market = commands.add_parser("market")
    market.add_argument("--seeds", type=int, default=3)
    market.add_argument("--campaigns", type=int, default=10)
    market.add_argument("--searches", type=int, default=20_000, help="a day")
    commands.add_parser("bandit").add_argument("folder", type=Path, nargs="?", default=DATA / "ads" / "obd_sample")
    page = commands.add_parser("page")
    page.add_argument("shop", type=Path)
    page.add_argument("judgments", type=Path, nargs="?", default=DATA / "search" / "crowdflower" / "judgments.tsv.gz")
    books = commands.add_parser("books")
    books.add_argument("--processes", type=int, default=4)
    books.add_argument("--kills", type=int, default=20)
    books.add_argument("charge", nargs="*", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.command == "market":
        markets(arguments.seeds, arguments.campaigns, arguments.searches)
    elif arguments.command == "bandit":
        bandit(arguments.folder)
    elif arguments.command == "page":
        pages(arguments.shop, arguments.judgments)
    elif arguments.charge:
        charge(arguments.charge[0], int(arguments.charge[1]))
    else:
        kept_books(arguments.processes, arguments.kills)


# A made-up market


def markets(seeds: int, campaigns: int, searches: int) -> None:
    for seed in range(1, seeds + 1):
        started = time.process_time()
        found = trial(made_market(seed, campaigns, searches), Plan(seed, searches))
        seconds = time.process_time() - started
        print(f"\nMarket {seed}: {campaigns} campaigns, {searches:,} searches a day ({seconds:.0f} s of a core)")
        _show_day(found)
        _show_rates(found)
        for name, each in (("vcg", found.vcg), ("gsp", found.gsp)):
            print(f"  {name}: {each.paying} of {each.bidders:,} bidders could gain by one of {len(GRID)} deviations, "
                  f"at most {each.largest:.2f} a click; revenue a search {each.revenue:.3f}")  # fmt: skip


def _show_day(found: Trial) -> None:
    taken, errors = found.diary.taken, found.pacing_errors
    print(f"  showings {taken.impressions:,}, clicks billed {taken.billed:,}, free {taken.free:,}")
    print(f"  spend {found.figures.spend:,} of budgets of {found.budget:,}; most over a budget {found.overspent}; "
          f"totals that do not add up {found.discrepancies}")  # fmt: skip
    print(f"  pacing error of {len(errors)} throttled campaigns: mean {np.mean(errors):.2%}, "
          f"largest {max(errors):.2%}; clicks a campaign {taken.billed / campaigns_of(found):.0f}")  # fmt: skip


def campaigns_of(found: Trial) -> int:
    return len(found.diary.tracks)


def _show_rates(found: Trial) -> None:
    rates = found.reliability
    print(f"  ECE {rates.ece:.4f}, predicted / observed {rates.ratio:.3f}, log loss {rates.log_loss:.4f} "
          f"(mean rate: {rates.log_loss_of_mean:.4f})")  # fmt: skip
    looks = ", ".join(f"{place} {share:.3f} (true {true:.3f})" for place, (share, true) in found.examination.items())
    print(f"  examination of places: {looks}")
    for row in rates.bins:
        print(f"  {row.views:8,}   {row.predicted:.4f}     {row.observed:.4f}    {row.low:.4f}-{row.high:.4f}")


# Open Bandit


@dataclass(frozen=True)
class Logged:
    shown: list[Shown]
    places: list[int]
    clicked: list[bool]

    def part(self, rows: Sequence[int]) -> Counts:
        return Counts.of(
            [self.shown[row] for row in rows], [self.places[row] for row in rows], [self.clicked[row] for row in rows]
        )


def bandit(folder: Path) -> None:
    """Learnt from one policy's log, calibrated on a third of it, measured on the other's."""
    for learnt, measured in (("random", "bts"), ("bts", "random")):
        log, other = _logged(folder / f"{learnt}_all.csv.gz"), _logged(folder / f"{measured}_all.csv.gz")
        rows = np.random.default_rng(SEED).permutation(len(log.shown)).tolist()
        cut = 2 * len(rows) // 3
        model = RateModel().learnt(log.part(rows[:cut])).calibrated(log.part(rows[cut:]))
        counts = other.part(range(len(other.shown)))
        found = reliability(model.expected(counts), counts.views, counts.clicks, bins=5)
        print(f"\nOpen Bandit sample: learnt from {learnt}, measured on {measured} ({int(counts.clicks.sum())} clicks)")
        print(f"  ECE {found.ece:.4f}, predicted / observed {found.ratio:.2f}, log loss {found.log_loss:.5f} "
              f"(mean rate: {found.log_loss_of_mean:.5f})")  # fmt: skip
        for row in found.bins:
            print(f"  {row.views:6,}  {row.predicted:.4f}  {row.observed:.4f}  {row.low:.4f}-{row.high:.4f}")


def _logged(file: Path) -> Logged:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    shown = [Shown("all", row["item_id"], row["user_feature_0"], row["user_feature_1"], 0) for row in rows]
    return Logged(shown, [int(row["position"]) for row in rows], [row["click"] == "1" for row in rows])


# Judged pages


@dataclass(frozen=True)
class Hit:
    id: str
    score: float


Found = Mapping[str, Sequence[Hit]]


@dataclass(frozen=True)
class Layout:
    size: int
    slots: tuple[int, ...]
    floor: float


def pages(folder: Path, judgments: Path) -> None:
    """nDCG@10 with two ads on the page against without, over judged queries. Advertisers are drawn from the best 200
    products of each query, three in ten of them, with bids that know nothing of relevance."""
    read = read_judgments(judgments)
    with Shop.open(folder) as shop:
        found = {query: _hits(shop, query) for query in read.answerable}
    print(f"{len(found)} queries; ads counted by their judgments, or as worth nothing; 95 % intervals over queries")
    print("page  slots   floor  filled  nDCG@10  with ads  change                      ads worth 0  bound")
    for size, slots in ((10, (4, 9)), (24, (4, 9)), (24, (2, 6)), (48, (4, 9))):
        for floor in (0.0, 0.25, 0.5):
            _show_layout(found, read.gains, Layout(size, slots, floor))


def _show_layout(found: Found, judged: Mapping[str, Mapping[str, float]], layout: Layout) -> None:
    chance = random.Random(SEED)
    before, after, empty, filled = [], [], [], 0
    for query, hits in found.items():
        arranged = _arranged(hits, layout, chance)
        filled += sum(each.sponsored for each in arranged)
        own = [f"ad {rank}" if each.sponsored else each.hit.id for rank, each in enumerate(arranged)]
        before.append(ndcg([hit.id for hit in hits[:10]], judged[query], 10))
        after.append(ndcg([each.hit.id for each in arranged], judged[query], 10))
        empty.append(ndcg(own, judged[query], 10))
    change = np.array(after) - np.array(before)
    low, high = _interval(change)
    worst = float(np.mean(np.array(empty) - np.array(before)))
    share = filled / len(found) / len(layout.slots)
    print(f"{layout.size:4}  {layout.slots!s:7} {layout.floor:4.2f}  {share:6.1%}  {np.mean(before):.4f}   "
          f"{np.mean(after):.4f}    {change.mean():+.4f} [{low:+.4f}, {high:+.4f}]  {worst:+.4f}      "
          f"{-loss_bound(layout.slots):+.4f}")  # fmt: skip


def _arranged(hits: Sequence[Hit], layout: Layout, chance: random.Random) -> tuple[Placed[Hit], ...]:
    """The page as the ad server would arrange it: drawn advertisers above the floor, an auction, two slots."""
    page, first = hits[: layout.size], layout.slots[0]
    least = relevance_floor([hit.score for hit in page], layout.floor)
    most = hits[first - 1].score if len(hits) >= first else float("inf")
    fair = {hit.id: hit for hit in hits if chance.random() < 0.3 and least <= hit.score < most}
    bids = [Bid(id, chance.randint(20, 80), chance.randint(20_000, 80_000)) for id in fair]
    awards = vickrey_clarke_groves(bids, [500_000, 333_333], 1)
    ads = [(_ad(award.bid.bidder, layout.slots[award.place]), fair[award.bid.bidder]) for award in awards]
    return place(page, ads, layout.size)


def _ad(product: str, position: int) -> Ad:
    return Ad("", "", product, "", "", "", position, 0, 0.0, 0.0, "")


def _hits(shop: Shop, query: str) -> list[Hit]:
    return [Hit(hit.id, hit.score) for hit in shop.search(SearchRequest(query, limit=200, group=False, ads=False)).hits]


def _interval(values: np.ndarray) -> tuple[float, float]:
    chance = np.random.default_rng(SEED)
    means = [values[chance.integers(0, len(values), len(values))].mean() for _ in range(2000)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


# The books


def kept_books(processes: int, kills: int) -> None:
    """Processes charge one campaign at once, all the same clicks; one after another is killed and begins again."""
    budget = 50_000
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/books.db"
        database = open_engine(url)
        migrate(database)
        running = [_charging(url, budget) for _ in range(processes)]
        chance, killed = random.Random(SEED), 0
        while killed < kills and any(each.poll() is None for each in running):
            time.sleep(chance.uniform(0.1, 0.6))
            victim = chance.randrange(processes)
            if running[victim].poll() is None:
                os.kill(running[victim].pid, signal.SIGKILL)
                killed += 1
            running[victim] = _charging(url, budget)
        for each in running:
            each.wait()
        ledger = Ledger(database)
        ledger.settle(2**62)
        spent = ledger.spent(["C"])["C"]
        print(f"{processes} processes, {killed} killed: billed {spent.billed:,} of a budget of {budget:,}, reserved "
              f"{spent.reserved}, totals that do not add up {len(audit(database))}")  # fmt: skip
        database.dispose()


def _charging(url: str, budget: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "bench.behaviour.ads", "books", url, str(budget)])


def charge(url: str, budget: int) -> None:
    ledger = Ledger(open_engine(url))
    for click in _clicks(2000):
        ledger.charge(click, Budget(budget))


def _clicks(count: int) -> Iterator[Click]:
    for number in range(count):
        yield Click(
            id=str(number),
            campaign_id="C",
            product_id="P",
            keyword="kettle",
            served=f"showing {number}",
            visitor=f"visitor {number}",
            time=1_772_366_400_000,
            served_at=1_772_366_399_000,
            day="2026-03-01",
            price=20 + number % 37,
        )


if __name__ == "__main__":
    main()
