"""Logged interleavings: what each page gave each team, read from a CSV file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from openaisle.errors import ExperimentError
from openaisle.evaluation.table import Table, read_table

IMPRESSION, TEAM, CREDIT, UNIT = "impression", "team", "credit", "unit"


@dataclass(frozen=True, slots=True)
class Impression:
    """`credit` by team (clicks, or what they are worth); `unit` is whose page it was, by which pages are bundled."""

    unit: str
    credit: Mapping[str, float]


def read_impressions(path: Path, called: Mapping[str, str] | None = None) -> tuple[tuple[str, str], list[Impression]]:
    """The two teams by name, and the impressions. Columns: `impression`, `team`, `credit` and perhaps `unit`.

    A row is a product shown, or an impression and team: credit is added up. `team` is empty for a product that no team
    picked. A page without any credit is worth its rows, since a tie tells something too. Without `unit` each impression
    is a unit of its own. Raises `ExperimentError`, naming the line where there is one.
    """
    table = read_table(path, called)
    table.require(TEAM)
    return _teams(table.name, table.columns[TEAM]), _impressions(table)


def _impressions(table: Table) -> list[Impression]:
    ids = table.texts(IMPRESSION)
    units = table.texts(UNIT) if UNIT in table.columns else ids
    credits = table.numbers(CREDIT)
    owners: dict[str, str] = {}
    sums: dict[str, dict[str, float]] = {}
    for row, (impression, unit, team) in enumerate(zip(ids, units, table.columns[TEAM], strict=True)):
        if credits[row] < 0:
            raise table.wrong(row, CREDIT, "is less than 0")
        if owners.setdefault(impression, unit) != unit:
            raise table.wrong(
                row, UNIT, f"differs from {owners[impression]!r}, which impression {impression} has above"
            )
        collected = sums.setdefault(impression, {})
        if team:
            collected[team] = collected.get(team, 0.0) + float(credits[row])
    return [Impression(owners[impression], collected) for impression, collected in sums.items()]


def _teams(name: str, written: Iterable[str]) -> tuple[str, str]:
    teams = sorted({team for team in written if team})
    if len(teams) != 2:
        raise ExperimentError(
            f"{name} holds {len(teams)} teams{': ' if teams else ''}{', '.join(teams[:5])}.",
            "Interleaving compares two rankings: name two teams in the column team.",
        )
    return teams[0], teams[1]
