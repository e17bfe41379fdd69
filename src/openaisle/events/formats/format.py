"""What a format is to the rest of the room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openaisle.events.event import Event

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """The events of one record, with shopper and session as the shop knows them; `agent` is the caller's User-Agent."""

    events: tuple[Event, ...]
    agent: str = ""


class Passed(Exception):
    """A good record of something that is no event of a shop, such as a scroll; told by its name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Format:
    """`read` raises `Unfit` for a record that is wrong and `Passed` for one that is of no concern."""

    name: str
    recognises: Callable[[Record], bool]
    read: Callable[[Record], Reading]
