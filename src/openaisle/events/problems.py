"""What can be wrong with one event, said so that its sender can mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field ("" for the event as a whole), and what to do about it."""

    field: str
    reason: str
    mend: str


class Unfit(Exception):
    """A record that cannot become an event."""

    def __init__(self, field: str, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.problem = Problem(field, reason, mend)
