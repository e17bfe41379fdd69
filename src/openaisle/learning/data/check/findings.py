"""A finding: what is wrong with how many examples, which for instance, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_MOST_EXAMPLES = 5
_LONGEST_EXAMPLE = 120


class Level(StrEnum):
    """`error` must be mended before training, `warning` should be looked at, `note` is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` is the stable name of the fault, `what` one sentence, `examples` a few of the `count`, shortened."""

    level: Level
    kind: str
    what: str
    count: int
    examples: tuple[str, ...]
    mend: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "level": str(self.level),
            "kind": self.kind,
            "what": self.what,
            "count": self.count,
            "examples": list(self.examples),
            "mend": self.mend,
        }


def some(texts: Iterable[str]) -> tuple[str, ...]:
    """The first few texts, each on one line and short."""
    shown: list[str] = []
    for text in texts:
        line = " ".join(text.split())
        shown.append(line if len(line) <= _LONGEST_EXAMPLE else line[: _LONGEST_EXAMPLE - 1] + "…")
        if len(shown) == _MOST_EXAMPLES:
            break
    return tuple(shown)
