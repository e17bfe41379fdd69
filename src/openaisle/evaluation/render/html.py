"""A report as one self-contained HTML file: nothing is fetched, it can be mailed and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from openaisle.evaluation.comparison import Comparison, QueryChange
from openaisle.evaluation.render.figures import interval, scope, signed, standing, verdict
from openaisle.evaluation.render.page import page, table
from openaisle.evaluation.report import Report

_CHANGES = 25
_HARDEST = 50
_HITS = 5


def as_html(report: Report, titles: Mapping[str, str] | None = None) -> str:
    """The report as a page; `titles` (product id → title) show what was found instead of bare ids."""
    known = titles or {}
    parts = (
        f"<p>{escape(scope(report))}</p>",
        _modes(report),
        _comparisons(report),
        *(_changes(report, each, known) for each in report.comparisons if each.metric == report.metrics[0]),
        _hardest(report, known),
    )
    return page("Search quality", parts)


def _modes(report: Report) -> str:
    rows = [
        [
            escape(mode),
            *(_bar(measured.estimates[name].mean, interval(measured.estimates[name])) for name in report.metrics),
        ]
        for mode, measured in report.modes.items()
    ]
    return table(["mode", *report.metrics], rows)


def _bar(share: float, label: str) -> str:
    return f'<span class="bar"><i style="width:{100 * min(max(share, 0), 1):.1f}%"></i></span>{escape(label)}'


def _comparisons(report: Report) -> str:
    if not report.comparisons:
        return ""
    rows = [
        [
            f"{escape(each.after)} against {escape(each.before)}",
            escape(each.metric),
            escape(signed(each.difference)),
            f"{each.p_value:.4f}",
            standing(each),
            f'<b class="{verdict(each).split()[0]}">{verdict(each)}</b>',
        ]
        for each in report.comparisons
    ]
    return "<h2>Comparisons</h2>" + table(
        ["compared", "metric", "difference", "p", "won / tied / lost", "verdict"], rows
    )


def _changes(report: Report, comparison: Comparison, titles: Mapping[str, str]) -> str:
    name = f"{escape(comparison.after)} against {escape(comparison.before)}, {escape(comparison.metric)}"
    won = _change_table(report, comparison, comparison.wins[:_CHANGES], titles)
    lost = _change_table(report, comparison, comparison.losses[:_CHANGES], titles)
    return f"<h2>Lost: {name}</h2>{lost}<h2>Won: {name}</h2>{won}"


def _change_table(
    report: Report, comparison: Comparison, changes: Iterable[QueryChange], titles: Mapping[str, str]
) -> str:
    rows = [
        [
            _with_hits(report, comparison.after, each.query, titles),
            f"{each.before:.3f}",
            f"{each.after:.3f}",
            f"{each.difference:+.3f}",
        ]
        for each in changes
    ]
    return table(["query", "before", "after", "difference"], rows) if rows else "<p>None.</p>"


def _hardest(report: Report, titles: Mapping[str, str]) -> str:
    """The queries that the first mode answers worst, with every mode beside it."""
    if not report.modes:
        return ""
    first, name = next(iter(report.modes)), report.metrics[0]
    worst = sorted(report.modes[first].values[name].items(), key=lambda pair: pair[1])[:_HARDEST]
    rows = [
        [
            _with_hits(report, first, query, titles),
            *(f"{measured.values[name][query]:.3f}" for measured in report.modes.values()),
        ]
        for query, _ in worst
    ]
    return f"<h2>Hardest for {escape(first)}, {escape(name)}</h2>" + table(["query", *map(escape, report.modes)], rows)


def _with_hits(report: Report, mode: str, query: str, titles: Mapping[str, str]) -> str:
    gains = report.judgments.gains[query]
    items = "".join(
        f"<li>{escape(titles.get(product, product))} <small>{_gain(gains.get(product))}</small></li>"
        for product in report.modes[mode].run.ranked(query)[:_HITS]
    )
    return f"<details><summary>{escape(query)}</summary><ol>{items or '<li>nothing found</li>'}</ol></details>"


def _gain(gain: float | None) -> str:
    return "not judged" if gain is None else f"gain {gain:g}"
