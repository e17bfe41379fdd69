"""The tour of the sample store: a dozen telling queries, read from `tour.toml`."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from openaisle.sample.source import Pair


@dataclass(frozen=True, slots=True)
class Stop:
    """One query of the tour, with its filter and facets if any, and what it shows."""

    query: str
    caption: Pair
    filter: str | None = None
    facets: tuple[str, ...] = ()


def stops() -> list[Stop]:
    """The stops of the tour in their order."""
    raw = tomllib.loads((files("openaisle.sample") / "tour.toml").read_text(encoding="utf-8"))
    return [
        Stop(entry["query"], Pair(*entry["caption"]), entry.get("filter"), tuple(entry.get("facets", ())))
        for entry in raw["stop"]
    ]
