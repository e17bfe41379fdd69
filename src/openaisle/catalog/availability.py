"""Availability in the words that feeds use for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from openaisle.catalog.problems import Doubt
from openaisle.catalog.product import Availability

_WORDS: Mapping[str, Availability] = {
    word: availability
    for availability, words in {
        Availability.IN_STOCK: (
            "instock", "available", "yes", "true", "1", "limitedavailability", "onlineonly", "instoreonly",
            "有货", "现货", "在售", "有", "是",
        ),
        Availability.OUT_OF_STOCK: (
            "outofstock", "soldout", "unavailable", "no", "false", "0", "缺货", "无货", "售罄", "无", "否",
        ),
        Availability.PREORDER: ("preorder", "presale", "预售", "预订"),
        Availability.BACKORDER: ("backorder", "backordered", "madetoorder", "补货中", "可延期交货"),
        Availability.DISCONTINUED: ("discontinued", "下架", "已下架", "停产", "停售"),
    }.items()
    for word in words
}  # fmt: skip
_BREAKS = re.compile(r"[\s_\-]+")


def parse_availability(value: Any) -> Availability | Doubt:
    """From Google's, schema.org's and plain English or Chinese words; an unknown word is dropped."""
    word = _BREAKS.sub("", str(value).rsplit("/", 1)[-1]).lower()
    known = _WORDS.get(word)
    if known is not None:
        return known
    mend = "Use one of: " + ", ".join(Availability) + "."
    return Doubt(None, f"{str(value)[:40]!r} is not an availability and was dropped", mend)
