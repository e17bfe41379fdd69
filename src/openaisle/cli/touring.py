"""The tour of the sample store as `openaisle demo` prints it: captions, the command that shows the same, its answer."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from openaisle.cli.ad_tables import show_campaigns
from openaisle.cli.ads import campaigns_of
from openaisle.cli.answer import show_found
from openaisle.cli.events import show_stats
from openaisle.cli.recommend import learnt_by, show_recommended

if TYPE_CHECKING:
    from rich.console import Console

    from openaisle.recommend.service import Trained
    from openaisle.sample.source import Pair
    from openaisle.sample.tour import Page, Stop
    from openaisle.shop import Shop

_RECOMMENDED = 3


def show_stop(out: Console, shop: Shop, stop: Stop) -> None:
    """A query's hits."""
    from openaisle.search.request import SearchRequest

    _announce(out, stop.caption, _search(shop.folder, stop))
    request = SearchRequest(
        stop.query,
        limit=stop.limit,
        filter=stop.filter,
        facets=stop.facets,
        shopper=stop.shopper,
        explain=stop.explain,
    )
    show_found(out, stop.query, shop.search(request).as_dict())
    out.print()


def show_log(out: Console, shop: Shop, caption: Pair) -> None:
    """What is in the log of events."""
    _announce(out, caption, ["events", str(shop.folder), "stats"])
    show_stats(shop.events.summary())
    out.print()


def show_training(out: Console, shop: Shop, caption: Pair, trained: Trained) -> None:
    """What recommending was learnt from, and by which methods."""
    _announce(out, caption, ["recommend", "train", str(shop.folder), "--quick"])
    out.print(Text(learnt_by(trained)), soft_wrap=True)
    out.print()


def show_page(out: Console, shop: Shop, page: Page) -> None:
    """What is recommended on a product's page."""
    from openaisle.recommend.placements import Place
    from openaisle.recommend.request import RecommendationRequest

    words = ["recommend", str(shop.folder), "--product", page.product, "--placement", page.placement]
    _announce(out, page.caption, [*words, "-k", str(_RECOMMENDED)])
    request = RecommendationRequest(product=page.product, placement=Place(page.placement), limit=_RECOMMENDED)
    show_recommended(shop.recommendations.recommend(request).as_dict())
    out.print()


def show_advertising(out: Console, shop: Shop, caption: Pair) -> None:
    """The campaigns of the shop."""
    _announce(out, caption, ["ads", str(shop.folder), "campaigns", "list"])
    show_campaigns(campaigns_of(shop))
    out.print()


def _announce(out: Console, caption: Pair, words: list[str]) -> None:
    """What comes, in both languages, and as the reader can type it."""
    out.print(Text(caption.en, "bold"), soft_wrap=True)
    out.print(Text(caption.zh, "bold"), soft_wrap=True)
    out.print(Text(f"$ {shlex.join(['openaisle', *words])}", "cyan"), soft_wrap=True)


def _search(folder: Path, stop: Stop) -> list[str]:
    words = ["search", str(folder), stop.query, "-k", str(stop.limit)]
    words += ["--filter", stop.filter] if stop.filter else []
    words += [word for facet in stop.facets for word in ("--facet", facet)]
    words += ["--shopper", stop.shopper] if stop.shopper else []
    words += ["--explain"] if stop.explain else []
    return words
