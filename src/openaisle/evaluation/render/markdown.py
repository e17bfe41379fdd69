"""A report as Markdown, for a pull request or an issue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openaisle.evaluation.comparison import Comparison, QueryChange
from openaisle.evaluation.render.figures import interval, scope, signed, standing, verdict
from openaisle.evaluation.report import Report

_SHOWN = 10


def as_markdown(report: Report) -> str:
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield from ("# Search quality", "", scope(report), "")
    yield from _table(("mode", *report.metrics), _mode_rows(report))
    if not report.comparisons:
        return
    yield from ("", "## Comparisons", "")
    heads = ("compared", "metric", "difference", "p", "won / tied / lost", "verdict")
    yield from _table(heads, map(_comparison_row, report.comparisons))
    for comparison in report.comparisons:
        if comparison.metric == report.metrics[0]:
            yield from _changes("Won", comparison, comparison.wins)
            yield from _changes("Lost", comparison, comparison.losses)


def _mode_rows(report: Report) -> Iterator[tuple[str, ...]]:
    for mode, measured in report.modes.items():
        yield mode, *(interval(measured.estimates[name]) for name in report.metrics)


def _comparison_row(each: Comparison) -> tuple[str, ...]:
    pair = f"{each.after} against {each.before}"
    return pair, each.metric, signed(each.difference), f"{each.p_value:.4f}", standing(each), verdict(each)


def _changes(title: str, comparison: Comparison, changes: tuple[QueryChange, ...]) -> Iterator[str]:
    if not changes:
        return
    yield from (
        "",
        f"### {title}: {_cell(comparison.after)} against {_cell(comparison.before)}, {comparison.metric}",
        "",
    )
    rows = ((each.query, f"{each.before:.3f}", f"{each.after:.3f}", f"{each.difference:+.3f}") for each in changes)
    yield from _table(
        ("query", "before", "after", "difference"), (row for row, _ in zip(rows, range(_SHOWN), strict=False))
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    """Text that cannot break the table it stands in, nor become markup."""
    for sign in "\\`*_<>[]|":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split())
