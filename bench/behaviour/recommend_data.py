"""The public data that recommendations are measured on, as interactions with their split and their questions."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from openaisle.events.event import Kind
from openaisle.recommend.ids import UNKNOWN, Ids
from openaisle.recommend.interactions import WEIGHTS, Interactions, from_columns
from openaisle.recommend.splits import Case, by_time, next_basket_cases, next_product_cases
from openaisle.recommend.training import Cases, next_products

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "behaviour"
_KINDS = {kind: code for code, kind in enumerate(WEIGHTS)}
_DAY_MS = 86_400_000
Row = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Task:
    """`cases` are the questions to be asked once; `learning` makes those that the blend learns from."""

    name: str
    train: Interactions
    cases: Sequence[Case]
    learning: Cases
    titles: dict[str, str]


def yoochoose() -> Task:
    """Each click of a test session after its first, from those before it; the published split."""
    products = Ids()
    train = _sessions("train", products)
    test = _sessions("test", products)
    return Task("yoochoose, next click", train, list(next_product_cases(test)), _anonymous, {})


def retail(days: int = 30) -> Task:
    """Each customer's first basket in the last `days` days, from all their orders before."""
    rows, titles = retail_rows()
    past, future = by_time(rows, rows.latest - days * _DAY_MS)
    return Task("Online Retail, next basket", past, list(next_basket_cases(future, past)), _baskets, titles)


def taobao(most: int = 4000) -> Task:
    """Each row of the last day's sessions after their first, from the session and the shopper's history; a sample."""
    products, shoppers = Ids(), Ids()
    kinds = {"pv": Kind.VIEW, "cart": Kind.CART, "fav": Kind.CART, "buy": Kind.ORDER}
    with gzip.open(DATA / "taobao_userbehavior_815users.csv.gz", "rt") as file:
        rows = [
            (
                products.add(row["item_id"]),
                UNKNOWN,
                shoppers.add(row["user_id"]),
                _KINDS[kinds[row["behavior"]]],
                int(row["timestamp"]) * 1000,
            )
            for row in csv.DictReader(file)
        ]
    every = _columns(rows, products, shoppers)
    midnight = int(datetime(2017, 12, 2, 16, tzinfo=UTC).timestamp() * 1000)  # of 3 December in China
    past, future = by_time(every, midnight)
    return Task("Taobao, next product", past, _sample(list(next_product_cases(future, past)), most), next_products, {})


def retail_rows() -> tuple[Interactions, dict[str, str]]:
    """Orders of known customers; an invoice is a session. Returns, which here take back single pieces of an order for
    many, and codes of postage and the like are left out."""
    products, invoices, customers = Ids(), Ids(), Ids()
    titles: dict[str, str] = {}
    rows = []
    with gzip.open(DATA / "online_retail.csv.gz", "rt", encoding="utf-8", errors="replace") as file:
        for row in csv.DictReader(file):
            code = row["StockCode"].upper()
            sold = float(row["UnitPrice"]) > 0 and float(row["Quantity"]) > 0
            if not (row["CustomerID"] and code[:5].isdigit() and sold):
                continue
            time = datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC)
            titles.setdefault(code, row["Description"].strip())
            rows.append(
                (
                    products.add(code),
                    invoices.add(row["InvoiceNo"]),
                    customers.add(row["CustomerID"]),
                    _KINDS[Kind.ORDER],
                    int(time.timestamp() * 1000),
                )
            )
    return _columns(list(dict.fromkeys(rows)), products, customers), titles


def _sessions(part: str, products: Ids) -> Interactions:
    sessions = Ids()
    with gzip.open(DATA / "yoochoose_100k" / f"{part}.tsv.gz", "rt") as file:
        rows = [
            (
                products.add(row["item_id"]),
                sessions.add(row["session_id"]),
                UNKNOWN,
                _KINDS[Kind.CLICK],
                int(float(row["time"]) * 1000),
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]
    return _columns(rows, products, Ids())


def _columns(rows: list[Row], products: Ids, shoppers: Ids) -> Interactions:
    return from_columns(*np.array(rows, np.int64).T, products=products, shoppers=shoppers)


def _anonymous(future: Interactions, past: Interactions) -> list[Case]:
    return list(next_product_cases(future))


def _baskets(future: Interactions, past: Interactions) -> list[Case]:
    return list(next_basket_cases(future, past))


def _sample(cases: list[Case], most: int) -> list[Case]:
    chosen: Iterator[int] = iter(sorted(np.random.default_rng(17).permutation(len(cases))[:most].tolist()))
    return [cases[place] for place in chosen]
