"""A search answer as a person reads it: hits, facets, notices, timings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from openaisle.cli.output import one_line

if TYPE_CHECKING:
    from rich.console import Console

Answer = Mapping[str, Any]
_FACET_VALUES = 12


def show_answer(console: Console, query: str, answer: Answer, first_rank: int = 1) -> None:
    """Print everything an answer holds."""
    show_found(console, query, answer, first_rank)
    console.print(Text(_timings(answer.get("timings", {})), "dim"), soft_wrap=True)


def show_found(console: Console, query: str, answer: Answer, first_rank: int = 1) -> None:
    """Print the hits, how many there are in all, the facets and the notices."""
    hits, total = answer["hits"], answer["total"]
    if hits:
        console.print(_table(query, hits, first_rank))
        console.print(Text(f"{first_rank:,} to {first_rank + len(hits) - 1:,} of {total:,}"))
    else:
        console.print(Text(f"No hits on this page, of {total:,} in all." if total else "No hits."))
    for field, counts in answer.get("facets", {}).items():
        console.print(_facet(field, counts), soft_wrap=True)
    for notice in answer.get("notices", ()):
        console.print(Text(f"! {one_line(notice)}", "yellow"), soft_wrap=True)


def _table(query: str, hits: Iterable[Answer], first_rank: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("id", no_wrap=True, max_width=28, overflow="ellipsis")
    table.add_column("title", ratio=1)
    table.add_column("brand", max_width=16)
    table.add_column("price", justify="right", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    for rank, hit in enumerate(hits, start=first_rank):
        _add_hit(table, rank, query, hit)
    return table


def _add_hit(table: Table, rank: int, query: str, hit: Answer) -> None:
    product = hit["product"]
    table.add_row(
        str(rank),
        Text(one_line(str(hit["id"]))),
        _title(query, hit),
        Text(one_line(text_for(query, product.get("brand") or ""))),
        Text(_price(product)),
        f"{hit['score']:.3f}",
    )
    if "explanation" in hit:
        table.add_row("", "", Text(explained(hit["explanation"]), "dim"), "", "", "")


def _title(query: str, hit: Answer) -> Text:
    title = one_line(text_for(query, hit["product"].get("title", "")))
    return Text.assemble(("Sponsored", "bold"), f" · {title}") if hit.get("sponsored") else Text(title)


def text_for(query: str, text: str | Mapping[str, str]) -> str:
    """The text in the language of the query where there is one, else in the first language it has."""
    if isinstance(text, str):
        return text
    language = "zh" if any("\u4e00" <= character <= "\u9fff" for character in query) else "en"
    return text.get(language) or next(iter(text.values()), "")


def explained(explanation: Mapping[str, float]) -> str:
    """The parts of a score, the largest first, as a sum."""
    parts = sorted(explanation.items(), key=lambda part: -abs(part[1]))
    signed = " ".join(f"{'-' if value < 0 else '+'} {one_line(name)} {abs(value):.3f}" for name, value in parts)
    return signed.removeprefix("+ ")


def _price(product: Answer) -> str:
    price, sale = product.get("price"), product.get("sale_price")
    if price is None and sale is None:
        return "–"
    currency = product.get("currency")
    amount = f"{price if sale is None else sale:,.2f}"
    return f"{amount} {one_line(currency)}" if currency else amount


def _facet(field: str, counts: Mapping[str, int]) -> Text:
    shown = list(counts.items())[:_FACET_VALUES]
    values = " · ".join(f"{one_line(str(value))} {count:,}" for value, count in shown)
    more = f" · and {len(counts) - len(shown):,} more" if len(counts) > len(shown) else ""
    return Text.assemble((one_line(field), "bold"), f": {values or 'no values'}{more}")


def _timings(timings: Mapping[str, float]) -> str:
    return " · ".join(f"{step} {milliseconds:.1f} ms" for step, milliseconds in timings.items())
