"""Queries that nothing answers, and queries that everything answers: a ranking cannot be learnt or tested on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from openaisle.learning.data.check.findings import Finding, Level, some
from openaisle.learning.data.check.texts import every_example
from openaisle.learning.examples import DataSet, JudgedQuery


def without_answers(data: DataSet) -> Iterator[Finding]:
    """For judged queries; says nothing of other kinds."""
    judged = [example for example in every_example(data) if isinstance(example, JudgedQuery)]
    if not judged:
        return
    yield from _named(
        judged,
        lambda gains: max(gains, default=0.0) <= 0,
        ("no_answer", "queries have no text that answers them.", "Judge more of their products, or drop them."),
    )
    yield from _named(
        judged,
        lambda gains: len(set(gains)) == 1 and gains[0] > 0,
        (
            "no_contrast",
            "queries have nothing but equally good answers, so that any order of theirs is right.",
            "Judge products that do not answer as well, or let negatives be looked for (data.negatives).",
        ),
    )


def _named(
    judged: list[JudgedQuery], faulty: Callable[[list[float]], bool], said: tuple[str, str, str]
) -> Iterator[Finding]:
    found = [each for each in judged if faulty([candidate.gain for candidate in each.candidates])]
    kind, what, mend = said
    if found:
        level = Level.ERROR if len(found) == len(judged) and kind == "no_answer" else Level.NOTE
        queries = some(each.query for each in found)
        yield Finding(level, kind, f"{len(found):,} of {len(judged):,} {what}", len(found), queries, mend)
