"""A report as tables of the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table

from openaisle.evaluation.render.figures import interval, scope, signed, standing, verdict
from openaisle.evaluation.report import Report


def as_table(report: Report) -> RenderableType:
    """To be printed by a rich console: modes by metric, then comparisons."""
    parts: list[RenderableType] = [_modes(report)]
    if report.comparisons:
        parts.append(_comparisons(report))
    return Group(*parts)


def _modes(report: Report) -> Table:
    table = Table(caption=scope(report), caption_justify="left")
    table.add_column("mode")
    for name in report.metrics:
        table.add_column(name, justify="right")
    for mode, measured in report.modes.items():
        table.add_row(mode, *(interval(measured.estimates[name]) for name in report.metrics))
    return table


def _comparisons(report: Report) -> Table:
    table = Table(caption="p from 10,000 random sign flips", caption_justify="left")
    for column in ("compared", "metric", "difference", "p", "won / tied / lost", "verdict"):
        table.add_column(column)
    for each in report.comparisons:
        pair = f"{each.after} against {each.before}"
        table.add_row(pair, each.metric, signed(each.difference), f"{each.p_value:.4f}", standing(each), verdict(each))
    return table
