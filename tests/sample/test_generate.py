from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Any

from openaisle import sample
from openaisle.sample import generate
from openaisle.sample.figures import check_digit

Rows = list[dict[str, Any]]
HAN = re.compile(r"[㐀-鿿]")
FIELDS = {
    "id", "group_id", "title", "description", "brand", "category", "price", "sale_price", "currency", "stock", "availability",
    "attributes", "images", "url", "gtin", "mpn", "rating", "rating_count", "created_at", "ranking",
}  # fmt: skip


def test_the_store_is_as_large_as_promised(rows: Rows) -> None:
    assert len(rows) >= 1500
    assert len({row["category"][0] for row in rows}) >= 12
    assert sum(row["group_id"] is not None for row in rows) >= 500


def test_every_kind_gives_at_least_five_rows(rows: Rows) -> None:
    assert min(Counter(row["id"][:6] for row in rows).values()) >= 5


def test_ids_and_gtins_are_given_once_and_gtins_check(rows: Rows) -> None:
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["gtin"] for row in rows}) == len(rows)
    for row in rows:
        assert re.fullmatch(r"2\d{12}", row["gtin"])
        assert check_digit(row["gtin"][:-1]) == row["gtin"][-1]
        assert re.fullmatch(r"[A-Z]{2}-\d{3}-\d+(-[A-Z0-9.]+)*", row["id"]), row["id"]


def test_every_row_has_the_same_fields(rows: Rows) -> None:
    assert {frozenset(row) for row in rows} == {frozenset(FIELDS)}


def test_titles_and_descriptions_speak_both_languages(rows: Rows) -> None:
    for row in rows:
        for part in ("title", "description"):
            assert set(row[part]) == {"en", "zh"}
            assert not HAN.search(row[part]["en"]), row["id"]
            assert HAN.search(row[part]["zh"]), row["id"]
            assert not re.search(r"[{}|]|  |,,|\.\.", row[part]["en"] + row[part]["zh"]), row["id"]


def test_no_two_articles_share_a_title_and_no_two_rows_of_a_group_do(rows: Rows) -> None:
    for language in ("en", "zh"):
        owners = defaultdict(set)
        for row in rows:
            owners[row["title"][language]].add(row["id"])
        assert {title: ids for title, ids in owners.items() if len(ids) > 1} == {}


def test_descriptions_are_not_shared_between_articles(rows: Rows) -> None:
    owners = defaultdict(set)
    for row in rows:
        owners[row["description"]["zh"]].add(row["group_id"] or row["id"])
    assert {text: ids for text, ids in owners.items() if len(ids) > 1} == {}


def test_attributes_are_plain_and_chinese_ones_are_named_so(rows: Rows) -> None:
    for row in rows:
        for key, value in row["attributes"].items():
            assert re.fullmatch(r"[a-z0-9_]+", key)
            for item in value if isinstance(value, list) else [value]:
                assert isinstance(item, str | int | float | bool)
                if isinstance(item, str) and not key.endswith("_zh"):
                    assert not HAN.search(item), (row["id"], key, item)


def test_prices_are_believable_and_sales_are_lower(rows: Rows) -> None:
    for row in rows:
        assert 1 <= row["price"] <= 20_000
        assert row["sale_price"] is None or 0 < row["sale_price"] < row["price"]
        assert row["currency"] == "CNY"
    on_sale = sum(row["sale_price"] is not None for row in rows)
    assert 0.2 < on_sale / len(rows) < 0.6


def test_stock_and_availability_agree(rows: Rows) -> None:
    sold_out = [row for row in rows if row["stock"] == 0]
    assert len(sold_out) > 50
    assert all(row["availability"] != "in_stock" for row in sold_out)
    assert {row["availability"] for row in rows} <= {"in_stock", "out_of_stock", "preorder"}


def test_the_variants_of_a_group_differ_in_their_options_and_share_the_rest(rows: Rows) -> None:
    groups = defaultdict(list)
    for row in rows:
        if row["group_id"]:
            groups[row["group_id"]].append(row)
    for group, variants in groups.items():
        assert 2 <= len(variants) <= 12, group
        assert len({dumps(row["attributes"], sort_keys=True) for row in variants}) == len(variants)
        assert all(row["id"].startswith(f"{group}-") for row in variants)
        assert len({row["brand"] for row in variants}) == 1


def test_some_combinations_of_options_do_not_exist(rows: Rows) -> None:
    missing = 0
    store = generate.load_store()
    made = Counter(row["group_id"] for row in rows)
    for department in store.departments:
        for kind in department.kinds:
            for model in kind.models:
                if len(model.options) > 1:
                    sizes = [len(values) for values in model.options.values()]
                    missing += made[f"{department.prefix}-{kind.code:03d}-{model.number}"] < sizes[0] * sizes[1]
    assert missing > 50


def test_dates_are_dates(rows: Rows) -> None:
    days = [datetime.fromisoformat(row["created_at"]) for row in rows]
    assert len({day.date() for day in days}) > 300


def test_the_store_is_the_same_every_time(rows: Rows) -> None:
    def mark(products: Rows) -> str:
        return sha256(dumps(products, ensure_ascii=False).encode()).hexdigest()

    assert mark(list(sample.products())) == mark(rows)
