"""`openaisle eval`: how good the answers are, against judgments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaisle.cli.output import console, print_json
from openaisle.cli.parameters import PATH, json_option, shop_argument
from openaisle.cli.progress import progress

if TYPE_CHECKING:
    from openaisle.evaluation.evaluate import Search
    from openaisle.evaluation.judgments import Judgments
    from openaisle.evaluation.report import Report
    from openaisle.evaluation.run import Run
    from openaisle.shop import Shop

MODES = ("hybrid", "lexical", "dense", "random")
_TITLED_HITS = 5


def _modes(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """Modes separated by commas, each once, in the order given."""
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    unknown = [name for name in names if name not in MODES]
    if unknown or not names:
        allowed = ", ".join(MODES)
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is not one of {allowed}.", context, parameter)
    return names


@click.command("eval")
@shop_argument
@click.argument("judgments", type=PATH)
@click.option(
    "--mode",
    "modes",
    callback=_modes,
    default="hybrid,lexical,dense,random",
    show_default=True,
    metavar="MODES",
    help="Modes to measure, separated by commas; the first is compared with the others and with --against.",
)
@click.option(
    "--depth", type=click.IntRange(1, 1000), default=100, show_default=True, metavar="N", help="Hits asked per query."
)
@click.option("--topics", type=PATH, metavar="FILE", help="Queries of TREC qrels, as lines of qid, tab, query.")
@click.option("--save", type=PATH, metavar="RUN.json", help="Keep the first mode's hits, to compare with later.")
@click.option("--against", type=PATH, metavar="RUN.json", help="Compare the first mode with a run that was kept.")
@click.option("--report", type=PATH, metavar="FILE.html", help="Write a page with wins and losses per query.")
@json_option
def evaluate(
    shop: Path,
    judgments: Path,
    *,
    modes: tuple[str, ...],
    depth: int,
    topics: Path | None,
    save: Path | None,
    against: Path | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Measure SHOP's answers against JUDGMENTS: a table of query, product_id and gain, or TREC qrels."""
    from openaisle.evaluation.judgments import read_judgments
    from openaisle.evaluation.render.html import as_html
    from openaisle.evaluation.render.terminal import as_table
    from openaisle.evaluation.run import read_run
    from openaisle.shop import Shop

    judged = read_judgments(judgments, topics)
    saved = read_run(against, judged.identifiers) if against else None
    with Shop.open(shop) as opened:
        measured = _compared(_measured(opened, judged, modes, depth), modes, saved)
        if report is not None:
            report.write_text(as_html(measured, _titles(opened, measured)), encoding="utf-8")
    if save is not None:
        measured.modes[modes[0]].run.save(save)
    if as_json:
        print_json(measured.as_dict())
    else:
        console().print(as_table(measured))


def _measured(shop: Shop, judged: Judgments, modes: tuple[str, ...], depth: int) -> Report:
    from openaisle.evaluation.evaluate import RANDOM
    from openaisle.evaluation.evaluate import evaluate as measure

    catalogue = tuple(shop.catalog.ids()) if RANDOM in modes else ()
    with progress() as tell:
        return measure(_search(shop), judged, modes, depth=depth, catalogue=catalogue, progress=tell)


def _search(shop: Shop) -> Search:
    """Judgments speak of products, so variants are not grouped."""
    from openaisle.search.request import Mode, SearchRequest

    def search(query: str, mode: str, depth: int) -> list[tuple[str, float]]:
        answer = shop.search(SearchRequest(query, limit=depth, mode=Mode(mode), group=False, ads=False))
        return [(hit.id, hit.score) for hit in answer.hits]

    return search


def _compared(measured: Report, modes: tuple[str, ...], saved: Run | None) -> Report:
    for other in modes[1:]:
        measured = measured.between(other, modes[0])
    return measured if saved is None else measured.against(saved, modes[0])


def _titles(shop: Shop, measured: Report) -> dict[str, str]:
    """Titles of the products that a page may name."""
    from openaisle.catalog.batches import batches
    from openaisle.catalog.product import texts

    named = {
        product
        for mode in measured.modes.values()
        for query in mode.run.rankings
        for product in mode.run.ranked(query)[:_TITLED_HITS]
    }
    titles: dict[str, str] = {}
    for batch in batches(named):
        titles |= {id_: " / ".join(texts(found.title)) for id_, found in shop.catalog.get_many(batch).items()}
    return titles
