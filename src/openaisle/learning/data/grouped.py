"""An example on its way into a data set, with what must stay together with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from openaisle.learning.data.keys import canonical, main_text
from openaisle.learning.examples import Example


@dataclass(frozen=True, slots=True)
class Grouped:
    """Examples of one `group` come into one split."""

    group: str
    example: Example


def by_text(examples: Iterable[Example]) -> Iterator[Grouped]:
    """Grouped by what they ask or say: the usual case."""
    return (Grouped(canonical(main_text(example)), example) for example in examples)
