"""Tables of `openaisle models`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from openaisle.cli.output import console, one_line

if TYPE_CHECKING:
    from openaisle.drift import DriftReport, Signal

_STYLES = {"act": "bold red", "watch": "yellow", "stable": "green"}
_MOST_METRICS = 3
_MOST_CLASSES = 3


def show_versions(versions: Sequence[Mapping[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model", "task", "made", "figures, before → after", "state"):
        table.add_column(heading)
    for each in versions:
        if each["damaged"]:
            cells = ("", "", one_line(each["damaged"]), "damaged")
        else:
            state = f"in use: {each['in_use']}" if each["in_use"] else ""
            cells = (one_line(each["task"]), each["created_at"][:16].replace("T", " "), _figures(each), state)
        table.add_row(each["model"], *(Text(cell) for cell in cells))
    console().print(table)


def show_drift(report: DriftReport) -> None:
    from rich.table import Table
    from rich.text import Text

    out = console()
    out.print(
        Text(
            f"{report.queries:,} queries under {one_line(report.model)}, compared with {one_line(report.baseline)} "
            f"({report.baseline_queries:,})."
        ),
        soft_wrap=True,
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("signal", "level", "by how much", "what moved most"):
        table.add_column(heading)
    for signal in report.signals:
        level = Text(str(signal.level), _STYLES[str(signal.level)])
        table.add_row(Text(signal.name), level, Text(_amount(signal)), Text(_moved(signal)))
    out.print(table)
    for signal in report.signals:
        if signal.mend:
            out.print(Text(f"→ {signal.name}: {signal.mend}"), soft_wrap=True)


def _figures(version: Mapping[str, Any]) -> str:
    before, after = version["before"], version["after"]
    told = []
    for name, value in list(after.items())[:_MOST_METRICS]:
        then = f"{before[name]['mean']:.3f} → " if name in before else ""
        told.append(f"{one_line(name)} {then}{value['mean']:.3f}")
    return ", ".join(told)


def _amount(signal: Signal) -> str:
    return f"PSI {signal.value:.3f}" if signal.measure == "psi" else f"{100 * signal.value:+.1f} points"


def _moved(signal: Signal) -> str:
    """The classes whose share changed most, when any did enough to be seen."""
    shares = [(name, signal.before.get(name, 0.0), share) for name, share in signal.now.items()]
    largest = sorted(shares, key=lambda each: -abs(each[2] - each[1]))[:_MOST_CLASSES]
    told = [
        f"{'' if name == 'share' else name + ' '}{before:.0%} → {now:.0%}"
        for name, before, now in largest
        if abs(now - before) >= 0.005
    ]
    return ", ".join(told)
