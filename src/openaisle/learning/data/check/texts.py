"""Every text of an example, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator

from openaisle.learning.data.digest import SPLITS
from openaisle.learning.examples import DataSet, Example, JudgedQuery, Scored, Triplet


def every_example(data: DataSet) -> Iterator[Example]:
    for name in SPLITS:
        yield from getattr(data, name)


def texts_of(example: Example) -> tuple[str, ...]:
    """All texts a model would read; a missing translation is none."""
    match example:
        case JudgedQuery():
            return (example.query, *(candidate.text for candidate in example.candidates))
        case Triplet():
            return (example.anchor, example.positive, *example.negatives)
        case Scored():
            return (example.left, example.right)
        case _:
            return (example.text,)
